//! Text by character code.

use std::collections::BTreeMap;

/// Code to text: one string, sliced.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    pool: String,
    /// Start and length by code, for codes below 65,536.
    dense: Vec<(u32, u8)>,
    sparse: BTreeMap<u32, (u32, u8)>,
}

impl Texts {
    pub(super) fn set(&mut self, code: u32, text: &str) {
        let entry = (self.pool.len() as u32, text.len().min(255) as u8);
        if text.len() > 255 {
            return;
        }
        self.pool.push_str(text);
        if code > 0xFFFF {
            self.sparse.insert(code, entry);
            return;
        }
        let at = code as usize;
        if self.dense.len() <= at {
            self.dense.resize(at + 1, (u32::MAX, 0));
        }
        if let Some(slot) = self.dense.get_mut(at) {
            *slot = entry;
        }
    }

    pub(super) fn get(&self, code: u32) -> Option<&str> {
        let entry = match self.dense.get(code as usize) {
            Some(entry) => entry,
            None => self.sparse.get(&code)?,
        };
        let (start, len) = (entry.0 as usize, usize::from(entry.1));
        self.pool.get(start..start.checked_add(len)?)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pool.is_empty()
    }
}
