//! A contact sheet: all maps of a layer in one grey picture.

use std::io;

use crate::lens::Map;

/// Grey of the gaps: paper.
const PAPER: u8 = 255;
/// The widest sheet in pixels, where maps are not smaller than one pixel a pixel anyway.
const WIDEST: usize = 2000;
/// Pixels along one side of each pixel of a map, where there is room.
const LARGEST: usize = 8;

/// All maps in order, row by row, with a gap of one of their own pixels around each, as PNG.
pub(super) fn png(maps: &[Map]) -> io::Result<Vec<u8>> {
    let columns = columns(maps.len());
    let side = maps.first().map_or(0, |map| map.side);
    let (width, height) = (columns * (side + 1) + 1, maps.len().div_ceil(columns) * (side + 1) + 1);
    let zoom = (WIDEST / width).clamp(1, LARGEST);

    // First at one pixel a pixel, then each enlarged to a square.
    let mut small = vec![PAPER; width * height];
    for (i, map) in maps.iter().enumerate() {
        let (left, top) = (i % columns * (side + 1) + 1, i / columns * (side + 1) + 1);
        for (y, row) in map.levels.chunks(side).enumerate() {
            small[(top + y) * width + left..][..side].copy_from_slice(row);
        }
    }
    let mut large = Vec::with_capacity(small.len() * zoom * zoom);
    for row in small.chunks(width) {
        let row: Vec<u8> = row.iter().flat_map(|&level| std::iter::repeat_n(level, zoom)).collect();
        (0..zoom).for_each(|_| large.extend(&row));
    }

    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, (width * zoom) as u32, (height * zoom) as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&large)?;
    writer.finish()?;
    Ok(bytes)
}

/// How many maps stand side by side: from a square sheet to one twice as wide as high, that which leaves the fewest
/// places empty.
fn columns(n: usize) -> usize {
    let square = n.isqrt() + usize::from(n.isqrt().pow(2) < n);
    let empty = |columns: &usize| n.div_ceil(*columns) * columns - n;
    (square.max(1)..=n.min(2 * square)).min_by_key(empty).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lens::NodeId;

    #[test]
    fn a_sheet_fits_its_number_of_maps() {
        assert_eq!([0, 1, 2, 10, 31, 256, 512, 2000].map(columns), [1, 1, 2, 5, 8, 16, 32, 50]);
    }

    #[test]
    fn maps_stand_in_order_enlarged_without_blur() {
        let maps: Vec<Map> = (0..10)
            .map(|index| {
                let values: Vec<f64> = (0..784).map(|p| f64::from(u8::from(p >= 28 * index))).collect();
                Map::new(NodeId { layer: 0, index }, &values, (0.0, 1.0), 28, None)
            })
            .collect();
        let bytes = png(&maps).unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(&bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), ((5 * 29 + 1) * 8, (2 * 29 + 1) * 8));
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Eight));
        let at = |x: usize, y: usize| pixels[y * info.width as usize + x];
        // Map 7 is in the second row, third from the left; its first seven rows are black.
        let (left, top) = ((2 * 29 + 1) * 8, (29 + 1) * 8);
        assert_eq!([at(left - 1, top), at(left, top), at(left, top + 7 * 8 - 1)], [PAPER, 0, 0]);
        assert_eq!([at(left, top + 7 * 8), at(left + 28 * 8 - 1, top + 7 * 8)], [255, 255]);
        assert_eq!(at(left + 3, top + 3), 0);
    }
}
