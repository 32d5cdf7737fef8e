//! Reading a sentence about a contact.

use record::Status;

use super::{FATES, Polarity, Predicate, Sentence};
use crate::expect::Names;
use crate::expect::language::{Cursor, Fault, Piece, STATUSES, When};

const VERBS: [&str; 5] = ["was", "is", "went", "stayed", "has"];

impl Sentence {
    /// Reads what stands after `beginning`, which is [`Sentence::WORD`], and returns what stands after the sentence.
    pub(crate) fn read<'a>(
        beginning: Piece<'a>,
        mut cursor: Cursor<'a>,
        names: &Names<'_>,
    ) -> Result<(Self, Piece<'a>), Fault> {
        let address = cursor.word();
        if !(names.contact)(address.text) {
            let fault = match address.text {
                "" => Fault::new(beginning, format!("missing address after `{}`", Self::WORD), "whom?"),
                text => Fault::new(address, format!("`{text}` is not in the audience"), "no such contact"),
            };
            return Err(fault.help("list it under `audience`, or correct the address"));
        }
        let predicate = predicate(&mut cursor, names)?;
        let sentence = Self { address: address.text.to_owned(), predicate };
        if names.anybody(&sentence.filter()) || sentence.predicate.may_be_about_nobody() {
            return Ok((sentence, cursor.rest()));
        }
        Err(sentence.not_on_the_list(address))
    }

    fn not_on_the_list(&self, address: Piece<'_>) -> Fault {
        let (mailing, text) = (self.mailing().unwrap_or_default(), address.text);
        Fault::new(address, format!("mailing `{mailing}` does not go to `{text}`"), "not on its list").help(
            format!("correct `to` of the mailing, or write `contact {text} was not selected in {mailing}`"),
        )
    }
}

fn predicate(cursor: &mut Cursor<'_>, names: &Names<'_>) -> Result<Predicate, Fault> {
    let verb = cursor.word();
    match verb.text {
        "was" => {
            let (polarity, word) = (polarity(cursor), cursor.word());
            let fates: Vec<&str> = FATES.iter().map(|fate| fate.word).collect();
            let fate = FATES.iter().find(|fate| fate.word == word.text);
            let fate = fate.ok_or_else(|| Fault::unknown(word, "fate", &fates))?;
            Ok(Predicate::Was { polarity, fate, mailing: mailing(cursor, names)? })
        }
        "is" => Ok(Predicate::Is { polarity: polarity(cursor), status: status(cursor)? }),
        "went" => path(cursor).map(Predicate::Went),
        "stayed" => status(cursor).map(Predicate::Stayed),
        "has" => strikes(cursor).map(Predicate::Has),
        _ => Err(Fault::unknown(verb, "verb", &VERBS)),
    }
}

fn polarity(cursor: &mut Cursor<'_>) -> Polarity {
    match cursor.eat_word("not") {
        Some(_) => Polarity::Denied,
        None => Polarity::Affirmed,
    }
}

fn mailing(cursor: &mut Cursor<'_>, names: &Names<'_>) -> Result<Option<String>, Fault> {
    let Some(word) = cursor.eat_word("in") else { return Ok(None) };
    let name = cursor.name(|c| !c.is_whitespace()).ok_or_else(|| {
        Fault::new(word, "`\"` is never closed", "after this")
            .help("write a name with blanks as in `in \"spring sale\"`")
    })?;
    let known: Vec<&str> = names.mailings.iter().map(|mailing| mailing.name).collect();
    if known.contains(&name.text) {
        return Ok(Some(name.text.to_owned()));
    }
    Err(Fault::unknown(name, "mailing", &known))
}

fn status(cursor: &mut Cursor<'_>) -> Result<Status, Fault> {
    let word = cursor.take_while(|c| !c.is_whitespace() && c != '-' && c != '>');
    let found = STATUSES.iter().find(|(known, _)| *known == word.text).map(|(_, status)| *status);
    found.ok_or_else(|| Fault::unknown(word, "status", &STATUSES.map(|(known, _)| known)))
}

fn path(cursor: &mut Cursor<'_>) -> Result<Vec<Status>, Fault> {
    let beginning = cursor.rest();
    let mut path = vec![status(cursor)?];
    while let Some(arrow) = cursor.eat("->") {
        let next = status(cursor)?;
        if path.last() == Some(&next) {
            return Err(Fault::new(arrow, "a status that does not change", "the same on both sides")
                .help("write each status once, as in `active -> error -> active`"));
        }
        path.push(next);
    }
    if path.len() > 1 {
        return Ok(path);
    }
    let (first, _) = beginning.split_before_word(&When::WORDS);
    Err(Fault::new(first, "a path has two statuses or more", "and then?")
        .help(format!("write `went {0} -> ...`, or `stayed {0}`", first.text)))
}

fn strikes(cursor: &mut Cursor<'_>) -> Result<u8, Fault> {
    let number = cursor.word();
    let strikes = number.text.parse().map_err(|_| {
        Fault::new(number, format!("`{}` is not a number of strikes", number.text), "expected a whole number")
            .help("write it as in `has 2 strikes`")
    })?;
    match cursor.word() {
        Piece { text: "strike" | "strikes", .. } => Ok(strikes),
        word => Err(Fault::unknown(word, "word", &["strikes", "strike"])),
    }
}
