//! What the benches share.

pub mod made_up;
pub mod npy;
pub mod process;
