//! Where in a post a need comes from.

/// A role or activity that a need rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Support {
    /// Place in the post's roles.
    pub role: usize,
    /// Place in the role's activities; absent where the role's title speaks.
    pub activity: Option<usize>,
    /// Its part of the need, 0 to 1; the parts add up to 1.
    pub share: f64,
}
