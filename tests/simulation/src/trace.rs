//! A readable trace of one run.

/// Lines of text, or nothing if nobody reads them.
#[derive(Debug, Default)]
pub(crate) struct Trace(Option<Vec<String>>);

impl Trace {
    /// Writes everything down.
    pub(crate) fn on() -> Self {
        Self(Some(Vec::new()))
    }

    /// Whether anything is written down.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Writes a line down.
    #[cold]
    pub(crate) fn write(&mut self, line: String) {
        if let Some(lines) = &mut self.0 {
            lines.push(line);
        }
    }

    /// What was written.
    pub(crate) fn into_lines(self) -> Vec<String> {
        self.0.unwrap_or_default()
    }
}
