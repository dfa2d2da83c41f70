//! Which images of a batch go through the lists together.

#![expect(clippy::inline_always, reason = "counting bits must take on the target features of the caller")]

use super::Bits;

/// An image finds its partner among so many that have none yet. Of two images of MNIST that just follow each other, the
/// pixels that either inks are .76 of both their ink; of pairs found among 16, .68; among all 128 of a batch, .65
/// (measured). The search takes half a per cent of a step.
const WINDOW: usize = 16;

/// Pairs up images by their inked pixels `bits`, alike with alike; an image that is left over is its own partner.
#[inline(always)]
pub fn pair_up(bits: &[Bits], ink: &[u32], unpaired: &mut Vec<u32>, pairs: &mut Vec<[u32; 2]>) {
    unpaired.clear();
    unpaired.extend((0..bits.len() as u32).rev());
    pairs.clear();
    while let Some(image) = unpaired.pop() {
        let near = unpaired.len().saturating_sub(WINDOW);
        // Alike are those that share much of all the ink that they have: best is the largest ratio of these two.
        let (mut best, mut partner) = ((0, 1), unpaired.len().checked_sub(1));
        for (place, &other) in unpaired.iter().enumerate().skip(near) {
            let shared = count_shared(&bits[image as usize], &bits[other as usize]);
            let all = ink[image as usize] + ink[other as usize];
            if shared * best.1 > best.0 * all {
                (best, partner) = ((shared, all), Some(place));
            }
        }
        pairs.push([image, partner.map_or(image, |place| unpaired.remove(place))]);
    }
}

#[inline(always)]
fn count_shared(a: &Bits, b: &Bits) -> u32 {
    let mut shared = 0;
    for (a, b) in a.iter().zip(b) {
        shared += (a & b).count_ones();
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(rows: &[u64]) -> Vec<[u32; 2]> {
        let bits: Vec<Bits> =
            rows.iter().map(|&row| std::array::from_fn(|word| if word == 3 { row } else { 0 })).collect();
        let ink: Vec<u32> = rows.iter().map(|row| row.count_ones()).collect();
        let mut pairs = vec![[9, 9]];
        pair_up(&bits, &ink, &mut vec![7], &mut pairs);
        pairs
    }

    #[test]
    fn images_that_are_alike_go_together() {
        assert_eq!(paired(&[0b1111, 0b1_0000, 0b1_1000, 0b0111]), [[0, 3], [1, 2]]);
        // A large image that covers a small one shares less of its ink than one of its own size.
        assert_eq!(paired(&[0b11, 0xffff, 0b110, 0xff00]), [[0, 2], [1, 3]]);
    }

    #[test]
    fn every_image_is_in_one_pair_and_the_odd_one_with_itself() {
        assert!(paired(&[]).is_empty());
        assert_eq!(paired(&[5]), [[0, 0]]);
        assert_eq!(paired(&[1, 2, 0]), [[0, 1], [2, 2]]);
        for n in [2, 31, 64, 101] {
            let rows: Vec<u64> = (0..n).map(|i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 3).collect();
            let mut images = paired(&rows).concat();
            images.sort_unstable();
            images.dedup();
            assert_eq!(images, (0..n as u32).collect::<Vec<_>>());
        }
    }
}
