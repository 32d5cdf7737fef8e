//! The syntax of names, domains and addresses.
//!
//! What is wrong is reported and kept all the same, so that a misspelt domain is not reported again wherever it is used.
//! The protocol's own types check more strictly later; here stands what an author gets wrong.

use crate::{Node, Place, Placed, Problem, Problems, value};

/// The name of a mailing.
pub(super) fn name(node: &Node, problems: &mut Problems) -> Option<Placed<String>> {
    let name = value::placed(value::text)(node, problems)?;
    check_name(&name, problems);
    Some(name)
}

/// Reports a name that expectations cannot use.
pub(super) fn check_name(name: &Placed<String>, problems: &mut Problems) {
    if !is_name(&name.value) {
        let message = format!("`{}` is not a name that expectations can use", name.value);
        problems.push(
            Problem::at(name.place, message, "not a name")
                .help("write it with the letters a to z, digits, `-` and `_`"),
        );
    }
}

/// A domain or a host, in lower case.
pub fn domain(node: &Node, problems: &mut Problems) -> Option<Placed<String>> {
    let domain = value::text(node, problems)?.to_ascii_lowercase();
    if !is_domain(&domain) {
        problems.push(no_domain(&domain, node.place));
    }
    Some(Placed { value: domain, place: node.place })
}

/// An address, its domain in lower case.
pub(super) fn address(node: &Node, problems: &mut Problems) -> Option<Placed<String>> {
    let text = value::text(node, problems)?;
    let place = node.place;
    let Some((local, domain)) = text.rsplit_once('@') else {
        problems.push(
            Problem::at(place, format!("`{text}` is not an address"), "no `@`")
                .help("write an address, as in ann@bigbox.test"),
        );
        return Some(Placed { value: text, place });
    };
    let domain = domain.to_ascii_lowercase();
    if !is_local_part(local) {
        problems.push(no_local_part(local, place));
    } else if !is_domain(&domain) {
        problems.push(no_domain(&domain, place));
    }
    Some(Placed { value: format!("{local}@{domain}"), place })
}

/// Whether it makes sense to ask where `address` is.
pub(super) fn is_address(address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain))
}

fn no_local_part(local: &str, place: Place) -> Problem {
    let message = match local {
        "" => "nothing stands before the `@`".to_owned(),
        _ => format!("`{local}` cannot stand before the `@`"),
    };
    Problem::at(place, message, "not an address")
        .help("write letters, digits and `.!#$%&'*+-/=?^_`{|}~`, at most 64, without a dot at the ends")
}

fn no_domain(domain: &str, place: Place) -> Problem {
    Problem::at(place, format!("`{domain}` is not a domain"), "not a domain")
        .help("write letters, digits and `-` between dots, as in bigbox.test; others as punycode (`xn--...`)")
}

/// Whether `text` can be used in the filters of expectations.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

// RFC 1123 2.1: letters, digits and hyphens. RFC 1035 2.3.4: labels of 63 octets, names of 253 characters.
pub(super) fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

// RFC 5321 4.1.2: Local-part is a Dot-string or a Quoted-string; 4.5.3.1.1: at most 64 octets.
fn is_local_part(text: &str) -> bool {
    let is_atom_character = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    let is_dot_string =
        || text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_character));
    let is_quoted = || {
        let inside = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        inside.is_some_and(|inside| inside.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"'))
    };
    text.len() <= 64 && (is_dot_string() || is_quoted())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains() {
        let check = |text: &str, expected| assert_eq!(is_domain(text), expected, "{text}");
        check("bigbox.test", true);
        check("1.2-3.test", true);
        check("localhost", true);
        check("", false);
        check("bigbox..test", false);
        check("bigbox.test.", false);
        check("-a.test", false);
        check("big_box.test", false);
        check("bücher.test", false);
        check(&format!("{}.test", "a".repeat(64)), false);
    }

    #[test]
    fn local_parts() {
        let check = |text: &str, expected| assert_eq!(is_local_part(text), expected, "{text}");
        check("ann", true);
        check("ann.b+c", true);
        check("\"ann b\"", true);
        check("", false);
        check("ann b", false);
        check(".ann", false);
        check("\"a\"b\"", false);
        check("ann\r\n", false);
        check(&"a".repeat(65), false);
    }
}
