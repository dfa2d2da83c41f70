use std::path::Path;

use super::*;
use crate::lens::fixture;

fn net(widths: &[usize]) -> Arc<Mlp> {
    Arc::new(fixture::net(widths))
}

fn options(out: &Path, format: MapFormat) -> MapsOptions {
    MapsOptions { layers: vec![0, 1, 2], lens: Lens::Article, over: Over::Own, format, out: out.into() }
}

/// A NumPy array and its shape, as another reader sees it.
fn read<T: npyz::Deserialize>(path: &Path) -> (Vec<u64>, Vec<T>) {
    let bytes = fs::read(path).unwrap();
    let file = npyz::NpyFile::new(&bytes[..]).unwrap();
    (file.shape().to_vec(), file.into_vec().unwrap())
}

#[test]
fn arrays_hold_the_levels_and_the_raw_values_of_every_node() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/maps");
    let model = net(&[784, 20, 12, 10]);
    let written = write_maps(&model, None, &options(&out, MapFormat::Npy)).unwrap();
    let names =
        ["layer-1", "layer-2", "layer-3"].map(|l| [out.join(format!("{l}.npy")), out.join(format!("{l}-raw.npy"))]);
    assert_eq!(written, names.concat());

    let maps = page::exact_maps(&model, Question { lens: Lens::Article, over: Over::Own, layer: 1 }, None).unwrap();
    let (shape, levels) = read::<u8>(&written[2]);
    assert_eq!(shape, [12, 28, 28]);
    assert_eq!(levels, maps.iter().flat_map(|map| map.levels.to_vec()).collect::<Vec<_>>());
    let (shape, raw) = read::<f32>(&written[3]);
    assert_eq!(shape, [12, 28, 28]);
    assert_eq!(raw, maps.iter().flat_map(|map| map.raw.to_vec()).collect::<Vec<_>>());
}

#[test]
fn sheets_are_written_one_a_layer() {
    let folder = tempfile::tempdir().unwrap();
    let written = write_maps(&net(&[784, 20, 12, 10]), None, &options(folder.path(), MapFormat::Png)).unwrap();
    assert_eq!(written, ["layer-1.png", "layer-2.png", "layer-3.png"].map(|name| folder.path().join(name)));
}

#[test]
fn a_file_is_replaced_whole_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let model = net(&[784, 10]);
    let options = MapsOptions { layers: vec![0], ..options(folder.path(), MapFormat::Png) };
    fs::write(folder.path().join("layer-1.png"), "old").unwrap();
    let written = write_maps(&model, None, &options).unwrap();
    assert!(fs::read(&written[0]).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn failures_name_the_layer_the_folder_or_the_network() {
    let folder = tempfile::tempdir().unwrap();
    let error = write_maps(&net(&[784, 10]), None, &options(folder.path(), MapFormat::Png)).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Usage, "there is no layer 2"));

    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = write_maps(&net(&[784, 5, 5, 10]), None, &options(&file, MapFormat::Npy)).unwrap_err();
    assert_eq!((error.kind(), error.path()), (Kind::Disk, Some(&*file)));

    let error = write_maps(&net(&[50, 5, 5, 10]), None, &options(folder.path(), MapFormat::Npy)).unwrap_err();
    assert_eq!(error.kind(), Kind::Model);
}
