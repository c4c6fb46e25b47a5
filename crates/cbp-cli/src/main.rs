//! The `cbp` command.

fn main() {}
