//! Ids in the shapes the service has used.

use fastrand::Rng;

use crate::IdStyle;

const NANOID: &[u8; 64] = b"useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict";

/// A version 4 UUID, followed by `suffix`.
pub(crate) fn uuid(rng: &mut Rng, suffix: &str) -> String {
    let bits = rng.u128(..) & !(0xF << 76) & !(0b11 << 62) | (0x4 << 76) | (0b10 << 62);
    let digits = b"0123456789abcdef";
    let mut text = String::with_capacity(36 + suffix.len());
    for place in (0..32u32).rev() {
        if matches!(place, 23 | 19 | 15 | 11) {
            text.push('-');
        }
        let digit = usize::try_from(bits >> (place * 4) & 0xF).unwrap_or_default();
        text.push(digits.get(digit).copied().unwrap_or(b'0').into());
    }
    text.push_str(suffix);
    text
}

/// A job's id.
pub(crate) fn generation(rng: &mut Rng, style: IdStyle) -> String {
    match style {
        IdStyle::Model => uuid(rng, ":stable-audio"),
        IdStyle::Vendor => uuid(rng, ":stability-ai/stable-audio"),
        IdStyle::Uuid | IdStyle::FirstRevision => uuid(rng, ""),
        IdStyle::Nanoid => nanoid(rng, 21),
    }
}

/// Does it look like an id that was given out, whether it was or not?
pub(crate) fn is_like_ours(id: &str) -> bool {
    let is_word = |text: &str, also: &[u8]| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte))
    };
    match id.split_at_checked(36) {
        Some((uuid, model)) => {
            let mut parts = uuid.split('-');
            [8, 4, 4, 4, 12].iter().all(|length| {
                parts.next().is_some_and(|part| part.len() == *length && part.bytes().all(|it| it.is_ascii_hexdigit()))
            }) && (model.is_empty() || model.strip_prefix(':').is_some_and(|model| is_word(model, b"._-/")))
        }
        None => id.len() == 21 && is_word(id, b"_-"),
    }
}

fn nanoid(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| char::from(NANOID.get(rng.usize(..NANOID.len())).copied().unwrap_or(b'_'))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_its_version_and_variant_in_place() {
        let mut rng = Rng::with_seed(7);
        for _ in 0..100 {
            let text = uuid(&mut rng, "");
            assert_eq!(text.len(), 36);
            assert_eq!(&text[14..15], "4");
            assert!(matches!(&text[19..20], "8" | "9" | "a" | "b"), "{text}");
            assert!(text.char_indices().all(|(at, c)| match at {
                8 | 13 | 18 | 23 => c == '-',
                _ => c.is_ascii_hexdigit(),
            }));
        }
    }

    #[test]
    fn every_style_has_its_shape() {
        let mut rng = Rng::with_seed(7);
        assert!(generation(&mut rng, IdStyle::Model).ends_with(":stable-audio"));
        let vendor = generation(&mut rng, IdStyle::Vendor);
        assert!(vendor.contains(':') && vendor.contains('/'));
        assert_eq!(generation(&mut rng, IdStyle::Uuid).len(), 36);
        assert_eq!(generation(&mut rng, IdStyle::Nanoid).len(), 21);
    }

    #[test]
    fn every_style_looks_like_ours_and_other_text_does_not() {
        let mut rng = Rng::with_seed(7);
        for style in [IdStyle::Model, IdStyle::Vendor, IdStyle::Uuid, IdStyle::Nanoid, IdStyle::FirstRevision] {
            let id = generation(&mut rng, style);
            assert!(is_like_ours(&id), "{id}");
            assert!(!is_like_ours(&id[1..]) && !is_like_ours(&format!("{id} ")), "{id}");
        }
        let uuid = uuid(&mut rng, "");
        for other in ["", "none", "a\r\nb", &format!("{uuid}:"), &format!("{uuid}:a b"), &uuid.replace('-', "_")] {
            assert!(!is_like_ours(other), "{other}");
        }
    }
}
