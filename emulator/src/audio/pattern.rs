//! A bar's rhythm as text: sixteen steps, each a sixteenth. A symbol begins a note, `-` holds it, `.` is
//! silence.

/// A note of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// When it begins, in steps.
    pub(super) step: u16,
    /// How long it is held, in steps.
    pub(super) held: u16,
    pub(super) symbol: char,
}

/// The notes of a pattern, in order.
pub(super) fn hits(pattern: &str) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    for (step, symbol) in (0..).zip(pattern.chars()) {
        match (symbol, hits.last_mut()) {
            ('-', Some(last)) if last.step + last.held == step => last.held += 1,
            ('-' | '.', _) => {}
            (symbol, _) => hits.push(Hit { step, held: 1, symbol }),
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_held_until_the_next_symbol_or_silence() {
        let hit = |step, held, symbol| Hit { step, held, symbol };
        assert_eq!(hits("-1--.-5."), [hit(1, 3, '1'), hit(6, 1, '5')]);
    }
}
