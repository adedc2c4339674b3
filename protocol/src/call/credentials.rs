//! The API key of a call, and what follows from a 401.

use crate::model::api_key::{ApiKey, Redactor};

/// A key, or a function that is called before every request, and once more after a 401.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    /// Every key of the call, the current one last.
    keys: Vec<ApiKey>,
    from_function: bool,
    /// The message of a 401 after which the key function was called once more.
    unauthorized_message: Option<String>,
    /// The key that it then returned has not been sent yet.
    fresh_after_401: bool,
}

impl Credentials {
    /// The key is always this one.
    pub(super) fn use_key(&mut self, key: ApiKey) {
        self.keys = vec![key];
    }

    /// The key comes from a function.
    pub(super) fn use_function(&mut self) {
        self.from_function = true;
    }

    /// The key of the next request.
    pub(super) fn current(&self) -> Option<&ApiKey> {
        self.keys.last()
    }

    /// Removes every key of the call from messages.
    pub(super) fn redactor(&self) -> Redactor<'_> {
        Redactor { keys: &self.keys }
    }

    /// Whether the key function is to be called before the next request.
    pub(super) fn must_be_requested(&self) -> bool {
        self.from_function && !self.fresh_after_401
    }

    /// A request leaves with the current key.
    pub(super) fn on_sent(&mut self) {
        self.fresh_after_401 = false;
    }

    /// The service accepted the key, or a new request begins: the key may be renewed again after a 401.
    pub(super) fn allow_renewal(&mut self) {
        self.unauthorized_message = None;
    }

    /// The service refused the key. Returns the message if no other key can be requested.
    pub(super) fn on_unauthorized(&mut self, message: String) -> Result<(), String> {
        if !self.from_function || self.unauthorized_message.is_some() {
            return Err(message);
        }
        self.unauthorized_message = Some(message);
        Ok(())
    }

    /// The key function returned a key. Returns the message of the 401 if that key was just refused.
    pub(super) fn on_key(&mut self, key: ApiKey, after_401: bool) -> Result<(), String> {
        if self.current() == Some(&key) {
            if after_401 {
                return Err(self.unauthorized_message.take().unwrap_or_default());
            }
        } else {
            self.keys.push(key);
        }
        self.fresh_after_401 = after_401;
        Ok(())
    }
}
