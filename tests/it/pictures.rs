//! What stands still on a real terminal is what `weightscope maps` writes, grey for grey.

use std::fs;

use ratatui::style::Color;
use weightscope::ui::palette::Ramp;

use crate::support::app::{COLOURS, app, press};
use crate::support::outcome;
use crate::support::pty::{Pty, weightscope};

const SIZE: (u16, u16) = (200, 60);
const SIDE: usize = 28;

/// The two greys of a cell, from top to bottom.
fn greys(screen: &vt100::Screen, column: u16, row: u16) -> Option<[vt100::Color; 2]> {
    let cell = screen.cell(row, column)?;
    let (fg, bg) = (cell.fgcolor(), cell.bgcolor());
    match cell.contents() {
        "▀" => Some([fg, bg]),
        "▄" => Some([bg, fg]),
        "█" => Some([fg, fg]),
        " " | "" => Some([bg, bg]),
        _ => None,
    }
}

/// The grey that a level is shown in.
fn shown(level: u8) -> vt100::Color {
    match Ramp::Grey.color(COLOURS, Ramp::Grey.step(COLOURS, level)) {
        Color::Indexed(grey) => vt100::Color::Idx(grey),
        other => panic!("no grey: {other:?}"),
    }
}

#[test]
fn a_paused_screen_shows_the_levels_that_maps_writes() {
    let folder = tempfile::tempdir().unwrap();
    let (run, maps) = (folder.path().join("run"), folder.path().join("maps"));
    let line = format!("train --data builtin --train-size 500 --hidden 40 --seed 1 --pace 8 --out {}", run.display());
    let mut pty = Pty::start(weightscope(&line.split(' ').collect::<Vec<_>>()), SIZE.0, SIZE.1);
    pty.wait_for("epoch 2/");
    pty.send(" ");
    pty.wait_for("paused");
    pty.send("s");
    pty.wait_for("saved");
    let line = format!("maps {} --format npy --out {}", run.display(), maps.display());
    let (code, _, complaint) = outcome(folder.path(), &line);
    assert_eq!(code, 0, "{complaint}");

    // The same screen without a terminal tells where everything is; `+` until each map has all its pixels.
    let mut there = app(&[40], SIZE);
    for (layer, keys) in [(1, "1+++++"), (2, "2")] {
        pty.send(keys);
        press(&mut there, keys);
        let grid = there.areas().unwrap().grid.unwrap();
        assert_eq!(usize::from(grid.size.side()), SIDE);
        let bytes = fs::read(maps.join(format!("layer-{layer}.npy"))).unwrap();
        let levels: Vec<u8> = npyz::NpyFile::new(&bytes[..]).unwrap().into_vec().unwrap();
        let nodes = there.page_nodes(&grid);
        assert!(nodes.len() >= 10, "{nodes:?}");
        let is_right = |screen: &vt100::Screen, place: usize, node: usize| {
            let (at, map) = (grid.map(place), &levels[node * SIDE * SIDE..][..SIDE * SIDE]);
            (0..SIDE * SIDE / 2).all(|cell| {
                let (x, y) = (cell % SIDE, cell / SIDE);
                let wanted = [map[2 * y * SIDE + x], map[(2 * y + 1) * SIDE + x]].map(shown);
                greys(screen, at.x + x as u16, at.y + y as u16) == Some(wanted)
            })
        };
        pty.wait_until(&format!("the greys of layer {layer}"), |screen| {
            nodes.iter().enumerate().all(|(place, node)| is_right(screen, place, *node))
        });
    }
    pty.send("q");
}
