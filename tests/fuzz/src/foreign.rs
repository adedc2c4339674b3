//! Values as JavaScript has them, which JSON cannot all express.

use arbitrary::{Arbitrary, Result, Unstructured};
use protocol::{Kind, Untrusted};
use serde_json::Value;

use crate::checks::{KEY, PROMPT};

/// A value from JavaScript.
#[derive(Clone, Debug)]
pub(crate) enum Foreign {
    Undefined,
    Null,
    Boolean,
    /// NaN and the infinities too.
    Number(f64),
    String(String),
    /// A string that is not well-formed Unicode.
    LoneSurrogate,
    Function,
    Array(Vec<Foreign>),
    /// A name may occur twice: a getter that returns one value and then another.
    Object(Vec<(String, Foreign)>),
    /// A symbol, a bigint, a revoked proxy.
    Other,
}

/// A reader's view of a [`Foreign`]; what is absent is undefined.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ForeignView<'a> {
    value: Option<&'a Foreign>,
    reads: Option<&'a core::cell::Cell<usize>>,
}

impl<'a> ForeignView<'a> {
    /// The value as it is.
    pub(crate) fn new(value: &'a Foreign) -> Self {
        Self { value: Some(value), reads: None }
    }

    /// The value with getters that give something else each time.
    pub(crate) fn with_changing_getters(value: &'a Foreign, reads: &'a core::cell::Cell<usize>) -> Self {
        Self { value: Some(value), reads: Some(reads) }
    }

    fn with(self, value: Option<&'a Foreign>) -> Self {
        Self { value, ..self }
    }
}

impl Untrusted for ForeignView<'_> {
    fn kind(&self) -> Kind {
        match self.value {
            None | Some(Foreign::Undefined) => Kind::Undefined,
            Some(Foreign::Null) => Kind::Null,
            Some(Foreign::Boolean) => Kind::Boolean,
            Some(Foreign::Number(_)) => Kind::Number,
            Some(Foreign::String(_) | Foreign::LoneSurrogate) => Kind::String,
            Some(Foreign::Function) => Kind::Function,
            Some(Foreign::Array(_)) => Kind::Array,
            Some(Foreign::Object(_)) => Kind::Object,
            Some(Foreign::Other) => Kind::Other,
        }
    }

    fn as_number(&self) -> Option<f64> {
        match self.value {
            Some(Foreign::Number(number)) => Some(*number),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<String> {
        match self.value {
            Some(Foreign::String(text)) => Some(text.clone()),
            _ => None,
        }
    }

    fn get(&self, name: &str) -> Self {
        let Some(Foreign::Object(fields)) = self.value else { return self.with(None) };
        let mut found = fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
        let Some(reads) = self.reads else { return self.with(found.next()) };
        let values: Vec<_> = found.collect();
        reads.set(reads.get().wrapping_add(1));
        let index = reads.get().checked_rem(values.len()).unwrap_or(0);
        self.with(values.get(index).copied())
    }

    fn at(&self, index: u32) -> Self {
        match self.value {
            Some(Foreign::Array(items)) => self.with(items.get(index as usize)),
            _ => self.with(None),
        }
    }

    fn for_each_key(&self, show: &mut dyn FnMut(&str)) {
        if let Some(Foreign::Object(fields)) = self.value {
            for (name, _) in fields {
                show(name);
            }
        }
    }

    fn is_true(&self) -> bool {
        matches!(self.value, Some(Foreign::Boolean))
    }

    fn is_plain_object(&self) -> bool {
        true
    }

    fn number_text(&self) -> String {
        self.as_number().map(|number| number.to_string()).unwrap_or_default()
    }
}

impl From<&Value> for Foreign {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) => Self::Number(number.as_f64().unwrap_or_default()),
            Value::String(text) => Self::String(text.clone()),
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(fields) => {
                Self::Object(fields.iter().map(|(name, value)| (name.clone(), value.into())).collect())
            }
        }
    }
}

impl Foreign {
    /// Replaces, doubles or removes parts of the value.
    pub(crate) fn mutate(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        match self {
            Self::Object(fields) if !fields.is_empty() && input.ratio(7, 8)? => {
                let index = input.choose_index(fields.len())?;
                match input.int_in_range(0..=7)? {
                    0 => drop(fields.remove(index)),
                    1 => fields.push((name(input)?, Self::arbitrary(input)?)),
                    2 => {
                        if let Some((name, _)) = fields.get(index).cloned() {
                            fields.push((name, Self::arbitrary(input)?));
                        }
                    }
                    _ => {
                        if let Some((_, value)) = fields.get_mut(index) {
                            value.mutate(input)?;
                        }
                    }
                }
            }
            Self::Array(items) if !items.is_empty() && input.ratio(7, 8)? => {
                let index = input.choose_index(items.len())?;
                if let Some(item) = items.get_mut(index) {
                    item.mutate(input)?;
                }
            }
            _ => *self = Self::arbitrary(input)?,
        }
        Ok(())
    }
}

impl<'a> Arbitrary<'a> for Foreign {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        nested(input, 0)
    }
}

fn nested(input: &mut Unstructured<'_>, depth: u32) -> Result<Foreign> {
    let kinds = if depth > 6 { 9 } else { 15 };
    Ok(match input.int_in_range(0..=kinds)? {
        0 => Foreign::Undefined,
        1 => Foreign::Null,
        2 => Foreign::Boolean,
        3 | 4 => Foreign::Number(number(input)?),
        5 | 6 => Foreign::String(text(input)?),
        7 => Foreign::LoneSurrogate,
        8 => Foreign::Function,
        9 => Foreign::Other,
        10 | 11 => {
            let count = input.int_in_range(0..=10)?;
            Foreign::Array((0..count).map(|_| nested(input, depth + 1)).collect::<Result<_>>()?)
        }
        _ => {
            let count = input.int_in_range(0..=12)?;
            let field = |_| Ok((name(input)?, nested(input, depth + 1)?));
            Foreign::Object((0..count).map(field).collect::<Result<_>>()?)
        }
    })
}

fn number(input: &mut Unstructured<'_>) -> Result<f64> {
    const EDGES: [f64; 18] = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        -1.0,
        0.5,
        1.0,
        47.0,
        48.0,
        999.0,
        1_000.0,
        1_001.0,
        4_294_967_295.0,
        4_294_967_296.0,
        9_007_199_254_740_993.0,
        18_446_744_073_709_551_615.0,
        f64::MAX,
        f64::MIN_POSITIVE,
    ];
    Ok(match input.int_in_range(0..=2)? {
        0 => *input.choose(&EDGES)?,
        1 => f64::from(input.arbitrary::<u16>()?),
        _ => input.arbitrary()?,
    })
}

/// A text that means something to a reader, or any other.
pub(crate) fn text(input: &mut Unstructured<'_>) -> Result<String> {
    const WORDS: [&str; 40] = [
        "",
        " ",
        "queued",
        "waiting",
        "generating",
        "active",
        "processing",
        "completed",
        "complete",
        "succeeded",
        "error",
        "failed",
        "cancelled",
        "network",
        "timeout",
        "http",
        "body",
        "rate_limited",
        "adaptive",
        "https://cdn.example/a.wav",
        "http://localhost/a.wav",
        "HTTPS://CDN.EXAMPLE/a.wav",
        "https://",
        "http:///a",
        "https:a",
        "javascript:alert(1)",
        "data:audio/wav;base64,AAAA",
        "blob:https://cdn.example/1",
        "//cdn.example/a",
        "https://cdn.example/a b",
        "https://cdn.example/a\nb",
        "httpſ://cdn.example",
        "你好.wav",
        "🎵🎶",
        "\u{0}",
        "err_insufficent_credits",
        "You've run out of credits.",
        "out of funds",
        "/proxy",
        "https://api.aimlapi.com",
    ];
    Ok(match input.int_in_range(0..=7)? {
        0 => input.arbitrary::<&str>()?.into(),
        1 => [input.arbitrary::<&str>()?, KEY, input.arbitrary::<&str>()?].concat(),
        2 => (*input.choose(&[KEY, PROMPT])?).into(),
        3 => {
            // Long enough to be truncated in the middle of the key.
            let before = input.int_in_range(350..=420)?;
            ["x".repeat(before), KEY.into()].concat()
        }
        _ => (*input.choose(&WORDS)?).into(),
    })
}

fn name(input: &mut Unstructured<'_>) -> Result<String> {
    const NAMES: [&str; 61] = [
        "id",
        "generation_id",
        "status",
        "audio_file",
        "url",
        "content_type",
        "file_name",
        "file_size",
        "error",
        "meta",
        "usage",
        "credits_used",
        "usd_spent",
        "name",
        "message",
        "detail",
        "msg",
        "title",
        "data",
        "kind",
        "requestId",
        "statusCode",
        "apiKey",
        "baseUrl",
        "fetch",
        "maxConcurrent",
        "streamSubmit",
        "signal",
        "timeoutMs",
        "pollIntervalMs",
        "onSubmitting",
        "onSubmitted",
        "onStatus",
        "onProgress",
        "addEventListener",
        "prompt",
        "secondsStart",
        "secondsTotal",
        "steps",
        "submittedAt",
        "checks",
        "polling",
        "errors",
        "notFound",
        "unknownStatus",
        "missingUrl",
        "lastError",
        "constraints",
        "code",
        "httpStatus",
        "nextCheckAt",
        "expectedAt",
        "request",
        "creditsUsed",
        "usdSpent",
        "audio",
        "contentType",
        "fileName",
        "fileSize",
        "generationId",
        "api_key",
    ];
    Ok(if input.ratio(1, 16)? { input.arbitrary::<&str>()?.into() } else { (*input.choose(&NAMES)?).into() })
}
