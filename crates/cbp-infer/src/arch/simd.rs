//! A tiny vector trait, so that each kernel is written once.
//!
//! Every method is `#[inline(always)]`: a kernel that is generic over [`Simd`] must be inlined into a function
//! carrying the matching `#[target_feature]`, which [`dispatch!`](super::dispatch) provides.

/// Asks the processor to bring what is at `p`, wherever that may be, into its second-level cache.
#[inline(always)]
pub(crate) fn fetch(p: *const f32) {
    // SAFETY: fetching ahead reads nothing and cannot fail, whatever the address.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(p.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = p;
}

/// A register of `LANES` single-precision numbers.
///
/// # Safety
///
/// All methods require that the processor has the instruction set of the implementing type; [`Simd::load`] and
/// [`Simd::store`] also that `LANES` numbers at the pointer are valid.
pub(crate) trait Simd: Copy {
    /// Numbers in a register.
    const LANES: usize;
    /// All lanes `x`.
    unsafe fn splat(x: f32) -> Self;
    /// Reads `LANES` numbers, unaligned.
    unsafe fn load(p: *const f32) -> Self;
    /// Writes `LANES` numbers, unaligned.
    unsafe fn store(self, p: *mut f32);
    /// `self + b`.
    unsafe fn add(self, b: Self) -> Self;
    /// `self − b`.
    unsafe fn sub(self, b: Self) -> Self;
    /// `self · b`.
    unsafe fn mul(self, b: Self) -> Self;
    /// `self / b`.
    unsafe fn div(self, b: Self) -> Self;
    /// `self · b + c`, fused where the instruction set fuses.
    unsafe fn fma(self, b: Self, c: Self) -> Self;
    /// The larger of two lanes.
    unsafe fn max(self, b: Self) -> Self;
    /// The smaller of two lanes.
    unsafe fn min(self, b: Self) -> Self;
    /// Which lanes are not below those of `b`: a bit each, the first lane's the lowest.
    unsafe fn at_least(self, b: Self) -> u32;
    /// Adds the low bits of `t`, shifted into the exponent, to `self`: `self · 2^n` where `t = n + 1.5 · 2^23`.
    unsafe fn scale_exponent(self, t: Self) -> Self;

    /// The sum of all lanes: of both halves first, then of both halves of those sums.
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        // SAFETY: passed on.
        unsafe { self.fold(|a, b| a + b) }
    }

    /// The largest of all lanes.
    #[inline(always)]
    unsafe fn largest(self) -> f32 {
        // SAFETY: passed on.
        unsafe { self.fold(f32::max) }
    }

    /// Joins the halves of the register, of the result, and so on: as few steps after each other as can be.
    #[inline(always)]
    unsafe fn fold(self, join: impl Fn(f32, f32) -> f32) -> f32 {
        let mut lanes = [0.0_f32; 16];
        // SAFETY: no instruction set here has more than 16 lanes.
        unsafe { self.store(lanes.as_mut_ptr()) };
        let mut half = Self::LANES / 2;
        while half > 0 {
            for i in 0..half {
                lanes[i] = join(lanes[i], lanes[i + half]);
            }
            half /= 2;
        }
        lanes[0]
    }
}

/// Eight lanes of plain Rust: the twin that every other instruction set is tested against.
#[derive(Clone, Copy)]
pub(crate) struct Portable([f32; 8]);

impl Portable {
    #[inline(always)]
    fn zip(self, b: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], b.0[i])))
    }
}

impl Simd for Portable {
    const LANES: usize = 8;
    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self([x; 8])
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        // SAFETY: the caller vouches for eight readable numbers; an array of `f32` has their alignment.
        Self(unsafe { p.cast::<[f32; 8]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        // SAFETY: the caller vouches for eight writable numbers.
        unsafe { p.cast::<[f32; 8]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    unsafe fn add(self, b: Self) -> Self {
        self.zip(b, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn sub(self, b: Self) -> Self {
        self.zip(b, |a, b| a - b)
    }
    #[inline(always)]
    unsafe fn mul(self, b: Self) -> Self {
        self.zip(b, |a, b| a * b)
    }
    #[inline(always)]
    unsafe fn div(self, b: Self) -> Self {
        self.zip(b, |a, b| a / b)
    }
    #[inline(always)]
    unsafe fn fma(self, b: Self, c: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] * b.0[i] + c.0[i]))
    }
    #[inline(always)]
    unsafe fn max(self, b: Self) -> Self {
        self.zip(b, f32::max)
    }
    #[inline(always)]
    unsafe fn min(self, b: Self) -> Self {
        self.zip(b, f32::min)
    }
    #[inline(always)]
    unsafe fn at_least(self, b: Self) -> u32 {
        (0..8).fold(0, |lanes, i| lanes | u32::from(self.0[i] >= b.0[i]) << i)
    }
    #[inline(always)]
    unsafe fn scale_exponent(self, t: Self) -> Self {
        self.zip(t, |a, t| f32::from_bits(a.to_bits().wrapping_add(t.to_bits() << 23)))
    }
}

/// Writes the impl of [`Simd`] for a wrapper of one hardware register.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! hardware {
    ($name:ident, $reg:ty, $lanes:literal, $arch:path,
     splat $splat:ident, load $load:ident, store $store:ident, add $add:ident, sub $sub:ident, mul $mul:ident,
     div $div:ident, max $max:ident, min $min:ident, fma |$a:ident, $b:ident, $c:ident| $fma:expr,
     at_least |$p:ident, $q:ident| $at_least:expr, exp |$x:ident, $t:ident| $exp:expr) => {
        #[derive(Clone, Copy)]
        pub(crate) struct $name(pub(super) $reg);

        // SAFETY of every block: the trait's contract says that the processor has these instructions, and that
        // pointers are good for `LANES` numbers; all loads and stores are the unaligned ones.
        impl Simd for $name {
            const LANES: usize = $lanes;
            #[inline(always)]
            unsafe fn splat(x: f32) -> Self {
                use $arch::*;
                Self(unsafe { $splat(x) })
            }
            #[inline(always)]
            unsafe fn load(p: *const f32) -> Self {
                use $arch::*;
                Self(unsafe { $load(p) })
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut f32) {
                use $arch::*;
                unsafe { $store(p, self.0) }
            }
            #[inline(always)]
            unsafe fn add(self, b: Self) -> Self {
                use $arch::*;
                Self(unsafe { $add(self.0, b.0) })
            }
            #[inline(always)]
            unsafe fn sub(self, b: Self) -> Self {
                use $arch::*;
                Self(unsafe { $sub(self.0, b.0) })
            }
            #[inline(always)]
            unsafe fn mul(self, b: Self) -> Self {
                use $arch::*;
                Self(unsafe { $mul(self.0, b.0) })
            }
            #[inline(always)]
            unsafe fn div(self, b: Self) -> Self {
                use $arch::*;
                Self(unsafe { $div(self.0, b.0) })
            }
            #[inline(always)]
            unsafe fn max(self, b: Self) -> Self {
                use $arch::*;
                Self(unsafe { $max(self.0, b.0) })
            }
            #[inline(always)]
            unsafe fn min(self, b: Self) -> Self {
                use $arch::*;
                Self(unsafe { $min(self.0, b.0) })
            }
            #[inline(always)]
            unsafe fn fma(self, b: Self, c: Self) -> Self {
                use $arch::*;
                let ($a, $b, $c) = (self.0, b.0, c.0);
                Self(unsafe { $fma })
            }
            #[inline(always)]
            unsafe fn at_least(self, b: Self) -> u32 {
                use $arch::*;
                let ($p, $q) = (self.0, b.0);
                unsafe { $at_least }
            }
            #[inline(always)]
            unsafe fn scale_exponent(self, t: Self) -> Self {
                use $arch::*;
                let ($x, $t) = (self.0, t.0);
                Self(unsafe { $exp })
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
hardware!(Avx2, core::arch::x86_64::__m256, 8, core::arch::x86_64,
splat _mm256_set1_ps, load _mm256_loadu_ps, store _mm256_storeu_ps, add _mm256_add_ps, sub _mm256_sub_ps,
mul _mm256_mul_ps, div _mm256_div_ps, max _mm256_max_ps, min _mm256_min_ps,
fma |a, b, c| _mm256_fmadd_ps(a, b, c),
at_least |a, b| _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GE_OQ>(a, b)) as u32,
exp |x, t| _mm256_castsi256_ps(_mm256_add_epi32(
    _mm256_castps_si256(x),
    _mm256_slli_epi32::<23>(_mm256_castps_si256(t)),
)));

#[cfg(target_arch = "x86_64")]
hardware!(Avx512, core::arch::x86_64::__m512, 16, core::arch::x86_64,
splat _mm512_set1_ps, load _mm512_loadu_ps, store _mm512_storeu_ps, add _mm512_add_ps, sub _mm512_sub_ps,
mul _mm512_mul_ps, div _mm512_div_ps, max _mm512_max_ps, min _mm512_min_ps,
fma |a, b, c| _mm512_fmadd_ps(a, b, c),
at_least |a, b| u32::from(_mm512_cmp_ps_mask::<_CMP_GE_OQ>(a, b)),
exp |x, t| _mm512_castsi512_ps(_mm512_add_epi32(
    _mm512_castps_si512(x),
    _mm512_slli_epi32::<23>(_mm512_castps_si512(t)),
)));

#[cfg(target_arch = "aarch64")]
hardware!(Neon, core::arch::aarch64::float32x4_t, 4, core::arch::aarch64,
splat vdupq_n_f32, load vld1q_f32, store vst1q_f32, add vaddq_f32, sub vsubq_f32, mul vmulq_f32,
div vdivq_f32, max vmaxq_f32, min vminq_f32,
fma |a, b, c| vfmaq_f32(c, a, b),
at_least |a, b| vaddvq_u32(vandq_u32(vcgeq_f32(a, b), vld1q_u32([1, 2, 4, 8].as_ptr()))),
exp |x, t| vreinterpretq_f32_s32(vaddq_s32(
    vreinterpretq_s32_f32(x),
    vshlq_n_s32::<23>(vreinterpretq_s32_f32(t)),
)));
