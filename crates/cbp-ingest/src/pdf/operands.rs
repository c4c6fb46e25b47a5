//! The operands of an operator.

use super::lex::{Lexer, Token};

/// Where an operand list keeps its strings.
pub(super) struct Operands<'t, 'd> {
    pub(super) tokens: &'t [Token<'d>],
    pub(super) lexer: &'t Lexer<'d>,
}

impl Operands<'_, '_> {
    pub(super) fn numbers<const N: usize>(&self) -> Option<[f64; N]> {
        let mut out = [0.0; N];
        let from = self.tokens.len().checked_sub(N)?;
        for (slot, token) in out.iter_mut().zip(self.tokens.get(from..)?) {
            let Token::Number(n) = token else { return None };
            *slot = *n;
        }
        Some(out)
    }

    pub(super) fn number(&self) -> Option<f64> {
        self.numbers::<1>().map(|[n]| n)
    }

    pub(super) fn name(&self) -> Option<&[u8]> {
        self.tokens.iter().rev().find_map(|t| if let Token::Name(n) = t { Some(*n) } else { None })
    }

    pub(super) fn string(&self) -> Option<&[u8]> {
        self.tokens.iter().rev().find_map(|t| self.lexer.bytes(*t))
    }

    /// White in grey, RGB or CMYK.
    pub(super) fn is_white(&self) -> bool {
        let numbers: Vec<f64> = self
            .tokens
            .iter()
            .filter_map(|t| if let Token::Number(n) = t { Some(*n) } else { None })
            .collect();
        match numbers.len() {
            1 | 3 => numbers.iter().all(|&v| v >= 0.995),
            4 => numbers.iter().all(|&v| v <= 0.005),
            _ => false,
        }
    }
}
