//! What a measured number is compared with: an operator and a quantity, or a range of quantities.

use std::cmp::Ordering;
use std::fmt;

use super::quantity::{Comparables, Quantity};
use super::{Cursor, Fault, Piece};

/// An operator and its documentation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OperatorRow {
    /// The operator.
    operator: Operator,
    /// How it is written.
    pub(crate) sign: &'static str,
    /// What it means.
    pub(crate) about: &'static str,
    /// An expectation that uses it.
    pub(crate) example: &'static str,
}

/// All operators, in the order of the reference.
pub(crate) const OPERATORS: [OperatorRow; 7] = [
    OperatorRow {
        operator: Operator::Equal,
        sign: "==",
        about: "Exactly. A share stands for the whole number nearest to it, halves up.",
        example: "soft_bounced(bigbox) == 10%",
    },
    OperatorRow {
        operator: Operator::Unequal,
        sign: "!=",
        about: "Anything else. A share stands for the whole number nearest to it, halves up.",
        example: "delivered(northmail) != 0 at 10h",
    },
    OperatorRow { operator: Operator::Less, sign: "<", about: "Less.", example: "hard_bounced < 2%" },
    OperatorRow {
        operator: Operator::AtMost,
        sign: "<=",
        about: "At most.",
        example: "connections(northmail) <= 20",
    },
    OperatorRow { operator: Operator::More, sign: ">", about: "More.", example: "throttled(northmail) > 0" },
    OperatorRow {
        operator: Operator::AtLeast,
        sign: ">=",
        about: "At least.",
        example: "delivered(northmail) >= 99% by 4h",
    },
    OperatorRow {
        operator: Operator::Within,
        sign: "in",
        about: "From one quantity to another, both included.",
        example: "delivered(northmail) in 590..600 at 9h",
    },
];

/// What a measured number is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Condition {
    operator: Operator,
    low: Quantity,
    /// The same as `low` unless the operator is [`Operator::Within`].
    high: Quantity,
}

/// How it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `in`
    Within,
}

/// How a condition is missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Miss {
    /// More would be needed.
    TooLittle,
    /// Less would be needed; or, for `!=`, something else.
    TooMuch,
}

impl Condition {
    /// Reads an operator and what it compares `subject` with, up to one of the `stop_words` or the end. Also returns
    /// what stands after it.
    pub(crate) fn read<'a>(
        mut cursor: Cursor<'a>,
        subject: Piece<'_>,
        comparables: Comparables,
        stop_words: &[&str],
    ) -> Result<(Self, Piece<'a>), Fault> {
        let sign = match cursor.take_while(|c| "=!<>~".contains(c)) {
            Piece { text: "", .. } => cursor.word(),
            sign => sign,
        };
        if sign.text.is_empty() || stop_words.contains(&sign.text) {
            let message = format!("`{}` is not compared with anything", subject.text);
            return Err(
                Fault::new(subject, message, "expected an operator after this").help(comparables.repair())
            );
        }
        let operator = Operator::named(sign)?;
        let (value, after) = cursor.rest().split_before_word(stop_words);
        if value.text.is_empty() {
            let message = format!("missing quantity after `{}`", sign.text);
            return Err(Fault::new(sign, message, "compared with what?").help(comparables.repair()));
        }
        let condition = match operator {
            Operator::Within => Self::range(value, comparables)?,
            _ => Self::single(operator, value, comparables)?,
        };
        Ok((condition, after))
    }

    fn single(operator: Operator, value: Piece<'_>, comparables: Comparables) -> Result<Self, Fault> {
        let quantity = Quantity::read(value, comparables)?;
        if operator == Operator::Less && quantity.is_nothing() {
            return Err(Fault::new(value, "nothing is less than nothing", "can never hold")
                .help(format!("write `== {quantity}`")));
        }
        Ok(Self { operator, low: quantity, high: quantity })
    }

    fn range(value: Piece<'_>, comparables: Comparables) -> Result<Self, Fault> {
        let Some((low, high)) = value.split("..") else {
            return Err(Fault::new(value, format!("`{}` is not a range", value.text), "expected a range")
                .help("write two quantities with two dots between them, as in `in 590..600`"));
        };
        let (low, high) = (Quantity::read(low, comparables)?, Quantity::read(high, comparables)?);
        match low.compare(&high) {
            Some(Ordering::Less | Ordering::Equal) => Ok(Self { operator: Operator::Within, low, high }),
            Some(Ordering::Greater) => Err(Fault::new(value, "empty range", "it ends before it begins")
                .help(format!("write `in {high}..{low}`"))),
            None => Err(Fault::new(value, "a range between a count and a share", "these do not compare")
                .help("write two counts or two shares")),
        }
    }

    /// How the condition is missed by `part` things of `whole`; `None` if it is met.
    pub(crate) fn miss(&self, part: u64, whole: u64) -> Option<Miss> {
        use Operator::{AtLeast, AtMost, Equal, Less, More, Unequal, Within};
        match (self.operator, self.order(part, whole)) {
            (Equal | Within | AtLeast | More, Ordering::Less) | (More, Ordering::Equal) => {
                Some(Miss::TooLittle)
            }
            (Equal | Within | AtMost | Less, Ordering::Greater) | (Less | Unequal, Ordering::Equal) => {
                Some(Miss::TooMuch)
            }
            (Equal | Within | AtLeast | AtMost, Ordering::Equal)
            | (Unequal | Less | AtMost, Ordering::Less)
            | (Unequal | More | AtLeast, Ordering::Greater) => None,
        }
    }

    fn order(&self, part: u64, whole: u64) -> Ordering {
        let order = |quantity: &Quantity| match (self.operator, quantity) {
            (Operator::Equal | Operator::Unequal, Quantity::Share(share)) => part.cmp(&share.of(whole)),
            _ => quantity.order(part, whole),
        };
        match (order(&self.low), order(&self.high)) {
            (Ordering::Less, _) => Ordering::Less,
            (_, Ordering::Greater) => Ordering::Greater,
            _ => Ordering::Equal,
        }
    }

    /// What is wanted, in words: `600`, `>= 99%`, `590..600`.
    pub(crate) fn wanted(&self) -> String {
        match self.operator {
            Operator::Equal => self.low.to_string(),
            Operator::Within => format!("{}..{}", self.low, self.high),
            _ => self.to_string(),
        }
    }

    /// Whether it speaks of shares.
    pub(crate) const fn is_about_shares(&self) -> bool {
        matches!(self.low, Quantity::Share(_))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operator {
            Operator::Within => write!(f, "in {}..{}", self.low, self.high),
            operator => write!(f, "{} {}", operator.sign(), self.low),
        }
    }
}

impl Operator {
    fn named(sign: Piece<'_>) -> Result<Self, Fault> {
        if let Some(row) = OPERATORS.iter().find(|row| row.sign == sign.text) {
            return Ok(row.operator);
        }
        let meant = match sign.text {
            "=" | "is" => Some("=="),
            "=>" => Some(">="),
            "=<" => Some("<="),
            "<>" => Some("!="),
            _ => None,
        };
        let fault = Fault::unknown(sign, "operator", &OPERATORS.map(|row| row.sign));
        Err(match meant {
            Some(meant) => fault.help(format!("did you mean `{meant}`?")),
            None => fault,
        })
    }

    /// How it is written; every operator has a row.
    fn sign(self) -> &'static str {
        OPERATORS.iter().find(|row| row.operator == self).map_or("", |row| row.sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Condition {
        let subject = Piece { text: "sent", start: 0 };
        let read = Condition::read(Cursor::of(text), subject, Comparables::CountsAndShares, &["at"]);
        read.map(|(condition, _)| condition).expect(text)
    }

    #[test]
    fn every_operator_decides_below_at_and_above() {
        let check = |text: &str, want: [Option<Miss>; 3]| {
            assert_eq!([9, 10, 11].map(|part| read(text).miss(part, 100)), want, "{text}");
            assert_eq!(read(text).to_string(), text);
        };
        let (low, high) = (Some(Miss::TooLittle), Some(Miss::TooMuch));
        for ten in ["10", "10%"] {
            check(&format!("== {ten}"), [low, None, high]);
            check(&format!("!= {ten}"), [None, high, None]);
            check(&format!("< {ten}"), [None, high, high]);
            check(&format!("<= {ten}"), [None, None, high]);
            check(&format!("> {ten}"), [low, low, None]);
            check(&format!(">= {ten}"), [low, None, None]);
            check(&format!("in {ten}..{ten}"), [low, None, high]);
        }
        assert!(OPERATORS.iter().all(|row| row.operator.sign() == row.sign));
    }

    #[test]
    fn a_share_is_exact_between_whole_numbers() {
        // 99 % of 460 is 455.4.
        let check = |text: &str, part, want| assert_eq!(read(text).miss(part, 460), want, "{text}");
        check(">= 99%", 455, Some(Miss::TooLittle));
        check(">= 99%", 456, None);
        check("<= 99%", 455, None);
        check("== 99%", 455, None);
        check("!= 99%", 455, Some(Miss::TooMuch));
        check("in 98%..99%", 456, Some(Miss::TooMuch));
    }
}
