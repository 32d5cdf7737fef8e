//! The texts of a mailing, and what is wrong with their merge fields.

use compose::{Draft, Fault, FieldNames, Part, Template, TemplateError, Wrong};
use scenario::{Kind, Node, Place, Placed, Problem, Problems, Reader, Source, suggestion, value};
use smtp::Address;

use super::{no_address, place};

/// Texts as they are written.
pub(super) struct Texts {
    pub(super) from: Placed<Address>,
    from_name: Placed<String>,
    reply_to: Option<Address>,
    to_name: Option<Placed<String>>,
    subject: Placed<String>,
    text: Placed<String>,
    html: Option<Placed<String>>,
    headers: Vec<(Placed<String>, Placed<String>)>,
}

/// Reads the keys that are texts. `None` if one of them is missing or wrong.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Texts> {
    let from = reader.required("from", sender);
    let reply_to = reader.optional("reply_to", super::address);
    let to_name = reader.optional("to_name", value::placed(value::text));
    let subject = reader.required("subject", value::placed(value::text));
    let text = reader.required("text", value::placed(value::text));
    let html = reader.optional("html", value::placed(value::text));
    let headers = reader.optional("headers", headers).unwrap_or_default();
    let (from, from_name) = from?;
    Some(Texts { from, from_name, reply_to, to_name, subject: subject?, text: text?, html, headers })
}

/// `Name <address>`, or an address alone.
fn sender(node: &Node, problems: &mut Problems) -> Option<(Placed<Address>, Placed<String>)> {
    let text = value::text(node, problems)?;
    let (name, address) = match text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) => (name.trim(), address),
        None => ("", text.as_str()),
    };
    let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
    match compose::address(address) {
        Ok(address) => {
            let placed = |value| Placed { value, place: node.place };
            Some((Placed { value: address, place: node.place }, placed(name.to_owned())))
        }
        Err(error) => {
            let help = "write `Name <address>`, or an address";
            problems.push(no_address(node, address, error).help(help));
            None
        }
    }
}

fn headers(node: &Node, problems: &mut Problems) -> Option<Vec<(Placed<String>, Placed<String>)>> {
    let Kind::Map(entries) = &node.kind else {
        let help = "write `Name: value`, each on a line of its own";
        problems.push(value::unexpected(node, "header fields", help));
        return None;
    };
    let field = |(name, node): &(Placed<String>, Node), problems: &mut Problems| {
        value::placed(value::text)(node, problems).map(|value| (name.clone(), value))
    };
    Some(entries.iter().filter_map(|entry| field(entry, problems)).collect())
}

impl Texts {
    /// The template for recipients with these fields. `None` if something is wrong with it; it has been reported.
    pub(super) fn template(
        &self,
        source: &Source,
        names: &FieldNames,
        problems: &mut Problems,
    ) -> Option<Template> {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.value.as_str(), value.value.as_str())).collect();
        let draft = Draft {
            from: &self.from.value,
            from_name: &self.from_name.value,
            reply_to: self.reply_to.as_ref(),
            to_name: self.to_name.as_ref().map_or("", |name| &name.value),
            subject: &self.subject.value,
            text: &self.text.value,
            html: self.html.as_ref().map(|html| html.value.as_str()),
            headers: &headers,
        };
        Template::read(&draft, names)
            .map_err(|errors| problems.extend(errors.iter().map(|error| self.problem(source, error))))
            .ok()
    }

    fn problem(&self, source: &Source, error: &TemplateError) -> Problem {
        let message = error.to_string();
        match &error.wrong {
            Wrong::Mistake(mistake) => {
                let text = self.part(error.part);
                let place =
                    text.map_or(self.from.place, |text| place::of(source, text, mistake.place.clone()));
                fault(place, message, &mistake.fault)
            }
            Wrong::HeaderName => Problem::at(self.header(error.part), message, "not a name")
                .help("write letters, digits and `-`"),
            Wrong::HeaderIsOurs => Problem::at(self.header(error.part), message, "made from other keys")
                .help("remove it; `from`, `reply_to`, `subject` and `unsubscribe` are keys of the mailing"),
            Wrong::HeaderTwice => {
                Problem::at(self.header(error.part), message, "the second one").help("remove one of them")
            }
            Wrong::TooManyHeaders => {
                Problem::at(self.header(error.part), message, "one too many").help("remove some")
            }
        }
    }

    fn part(&self, part: Part) -> Option<&Placed<String>> {
        match part {
            Part::FromName => Some(&self.from_name),
            Part::ToName => self.to_name.as_ref(),
            Part::Subject => Some(&self.subject),
            Part::Text => Some(&self.text),
            Part::Html => self.html.as_ref(),
            Part::Header(at) => self.headers.get(at).map(|(_, value)| value),
        }
    }

    /// Where the name of an added header field stands.
    fn header(&self, part: Part) -> Place {
        match part {
            Part::Header(at) => self.headers.get(at).map_or(self.from.place, |(name, _)| name.place),
            Part::FromName | Part::ToName | Part::Subject | Part::Text | Part::Html => self.from.place,
        }
    }
}

/// A mistake in a text with merge fields, with its repair.
pub(super) fn fault(place: Place, message: String, fault: &Fault) -> Problem {
    match fault {
        Fault::Unknown { name, known } => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            Problem::at(place, message, "no recipient has it").help(suggestion(name, &known, "the fields"))
        }
        Fault::Unclosed => Problem::at(place, message, "begins here")
            .help(r"write `{{name}}`, or `\{{` for two braces that mean themselves"),
        Fault::NoName => {
            Problem::at(place, message, "not a name").help("write `{{name}}`, or `{{name|words without it}}`")
        }
        Fault::TooManyFields | Fault::TooLong => Problem::at(place, message, "too much").help("shorten it"),
        Fault::ControlCharacter => {
            Problem::at(place, message, "not here").help("write it in one line, without tabs")
        }
        Fault::NoUrlCharacter => {
            Problem::at(place, message, "not in a link").help("percent-encode it, as in `%20` for a space")
        }
    }
}
