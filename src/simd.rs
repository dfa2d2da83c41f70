//! Vector registers: which of them this processor has, sixteen numbers in them, and products of matrices cut to fit.
//!
//! The program runs on processors of all ages, so the loops that matter are compiled once for each [`Level`], and
//! [`dispatch!`] takes those of the processor at hand. Underneath is the crate `pulp`; here is what it lacks.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]

use std::sync::LazyLock;

pub mod bits;
pub mod lanes;
mod row;
pub mod tile;
mod token;
mod transpose;

pub use row::f32x16;
pub use token::{Row, Simd};

/// Numbers of an [`f32x16`].
pub const LANES: usize = 16;

/// What a processor can do; in each variant the token that lets code do it.
#[derive(Debug, Clone, Copy)]
pub enum Level {
    /// AVX-512 as in servers since 2017: 32 registers of 16 numbers.
    #[cfg(target_arch = "x86_64")]
    V4(pulp::x86::V4),
    /// AVX2 and fused multiply-adds, in most processors since 2013: 16 registers of 8 numbers.
    #[cfg(target_arch = "x86_64")]
    V3(pulp::x86::V3),
    /// NEON: 32 registers of 4 numbers.
    #[cfg(target_arch = "aarch64")]
    Neon(pulp::aarch64::Neon),
    /// What every processor of its kind has.
    Plain(pulp::Scalar128b),
}

impl Default for Level {
    fn default() -> Self {
        Self::new()
    }
}

impl Level {
    /// The best one of this processor. It is asked but once.
    #[must_use]
    pub fn new() -> Self {
        Self::all().next().unwrap_or(Self::Plain(pulp::Scalar128b))
    }

    /// All that this processor can do, the best first.
    pub fn all() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let special = [pulp::x86::V4::try_new().map(Self::V4), pulp::x86::V3::try_new().map(Self::V3)];
        #[cfg(target_arch = "aarch64")]
        let special = [pulp::aarch64::Neon::try_new().map(Self::Neon)];
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let special = [];
        special.into_iter().flatten().chain([Self::Plain(pulp::Scalar128b)])
    }
}

/// Whether the best level is [`Level::V4`] and the processor multiplies its registers whole. AMD's first processors with
/// AVX-512, Zen 4, take them in two halves: then a multiply-add is as dear as loading what it multiplies.
#[must_use]
pub fn multiplies_whole() -> bool {
    static WHOLE: LazyLock<bool> = LazyLock::new(|| {
        #[cfg(target_arch = "x86_64")]
        {
            /// AMD's number for Zen 3 and Zen 4.
            const HALVES: u8 = 0x19;
            let id = raw_cpuid::CpuId::new();
            let amd = id.get_vendor_info().is_some_and(|vendor| vendor.as_str() == "AuthenticAMD");
            let halves = amd && id.get_feature_info().is_some_and(|info| info.family_id() == HALVES);
            matches!(Level::new(), Level::V4(_)) && !halves
        }
        #[cfg(not(target_arch = "x86_64"))]
        false
    });
    *WHOLE
}

/// `dispatch!(level, simd => expression)`: the expression as compiled for `level`, with `simd` as its token.
///
/// Only code that is inlined into the expression is compiled for the level; the rest, as everywhere, for any processor.
#[macro_export]
macro_rules! dispatch {
    ($level:expr, $simd:pat => $body:expr) => {
        match $level {
            #[cfg(target_arch = "x86_64")]
            $crate::simd::Level::V4(token) => $crate::simd::dispatch!(@compile token, $simd => $body),
            #[cfg(target_arch = "x86_64")]
            $crate::simd::Level::V3(token) => $crate::simd::dispatch!(@compile token, $simd => $body),
            #[cfg(target_arch = "aarch64")]
            $crate::simd::Level::Neon(token) => $crate::simd::dispatch!(@compile token, $simd => $body),
            $crate::simd::Level::Plain(token) => {
                let $simd = token;
                $body
            }
        }
    };
    (@compile $token:ident, $simd:pat => $body:expr) => {{
        let once = $crate::simd::Once;
        $token.vectorize(
            #[inline(always)]
            || {
                once.spend();
                let $simd = $token;
                $body
            },
        )
    }};
}
pub use dispatch;

/// `apart!(simd => expression)`: the expression as a function of its own, compiled for the level of the token `simd`.
///
/// In a long function that has many loops in it, the compiler keeps too few of a loop's addresses in registers.
#[macro_export]
macro_rules! apart {
    ($simd:ident => $body:expr) => {
        $crate::simd::dispatch!(@compile $simd, _ => $body)
    };
}
pub use apart;

/// Makes a closure that spends it one that can be called but once. Any other would be called through a function of the
/// compiler's own, which need not be inlined and is compiled for any processor.
#[doc(hidden)]
#[derive(Debug)]
pub struct Once;

impl Once {
    #[doc(hidden)]
    #[inline(always)]
    pub fn spend(self) {}
}
