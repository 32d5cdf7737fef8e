//! What a server says in the words of a scenario: a reply that is known, one that is written out, or one that is spelled byte
//! by byte. Separate because `reply` says one of them and `sequence` several.

use scenario::{Problem, Reader, value};
use smtp::server::Then;
use smtp::{EnhancedStatusCode, Reply};

use super::wording;
use crate::Phase;
use crate::behaviour::wording::Wording;
use crate::behaviour::{Act, Scene, Setting, Stage};
use crate::profile::{KnownReply, Scope, Situation, Template, read};

#[derive(Debug)]
pub(in crate::behaviour) enum Words {
    /// The provider's own for a situation, looked up when it is known whose they are.
    Situation(Situation),
    Known(&'static KnownReply),
    Written {
        code: u16,
        enhanced: Option<EnhancedStatusCode>,
        template: Template,
    },
    Spelled {
        /// What it means.
        reply: Reply,
        bytes: Vec<u8>,
    },
}

impl Words {
    /// Reads `use`, `raw`, or `code`, `enhanced` and `text`.
    pub(in crate::behaviour) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        match (reader.node("use"), reader.node("raw")) {
            (Some(_), _) => known(reader),
            (None, Some(_)) => spelled(reader),
            (None, None) => written(reader),
        }
    }

    /// Reports a code that makes no sense at a phase.
    pub(in crate::behaviour) fn check(&self, at: Option<Phase>, reader: &mut Reader<'_>) {
        wording::check(self, at, reader);
    }

    /// Told whose they are; the phase that they come with, if they are known.
    pub(in crate::behaviour) fn prepare(&mut self, setting: &Setting<'_>) -> Option<Phase> {
        if let Self::Situation(situation) = self {
            *self = Self::Known(setting.identity.profile.answer(*situation));
        }
        match self {
            Self::Known(known) => Some(known.phase),
            Self::Situation(_) | Self::Written { .. } | Self::Spelled { .. } => None,
        }
    }

    /// Says them, and then does this, or closes the connection if that goes with them.
    pub(in crate::behaviour) fn say(
        &self,
        stage: &Stage<'_>,
        scene: &Scene<'_>,
        afterwards: Then,
    ) -> Option<Act> {
        let phase = stage.phase();
        let concerned = if let Stage::Rcpt { recipient } = stage { Some(*recipient) } else { None };
        let reply = self.reply(phase, scene, concerned)?;
        let then = if afterwards == Then::Close { Then::Close } else { Act::then(&reply, phase) };
        Some(match self {
            Self::Spelled { bytes, .. } => Act::Spell { reply, bytes: bytes.clone(), then },
            Self::Situation(_) | Self::Known(_) | Self::Written { .. } => {
                Act::Say { reply, then, situation: None }
            }
        })
    }

    fn reply(&self, phase: Phase, scene: &Scene<'_>, concerned: Option<u32>) -> Option<Reply> {
        match self {
            Self::Situation(_) => None,
            Self::Known(known) => Some(known.in_words(&scene.particulars(phase, known.scope, concerned))),
            Self::Spelled { reply, .. } => Some(reply.clone()),
            Self::Written { code, enhanced, template } => {
                let particulars = scene.particulars(phase, Scope::System, concerned);
                Some(Reply::new(*code, *enhanced, &template.fill(&particulars)))
            }
        }
    }
}

/// A known reply. Whatever else would describe a reply may not stand beside it.
fn known(reader: &mut Reader<'_>) -> Option<Words> {
    for key in ["code", "enhanced", "text", "raw"] {
        if let Some(node) = reader.node(key) {
            let problem = Problem::at(node.place, format!("`use` and `{key}` exclude each other"), "");
            reader.problems().push(problem.help("`use` brings code and text along; write only one of them"));
        }
    }
    Some(match reader.required("use", Wording::read)? {
        Wording::Situation(situation) => Words::Situation(situation),
        Wording::Known(known) => Words::Known(known),
    })
}

/// A reply that is spelled byte by byte. Whatever else would describe it may not stand beside it.
fn spelled(reader: &mut Reader<'_>) -> Option<Words> {
    for key in ["code", "enhanced", "text"] {
        if let Some(node) = reader.node(key) {
            let problem = Problem::at(node.place, format!("`raw` and `{key}` exclude each other"), "");
            reader.problems().push(problem.help("`raw` is the whole reply; write only one of them"));
        }
    }
    reader.required("raw", wording::spelled)
}

/// A reply that is written out.
fn written(reader: &mut Reader<'_>) -> Option<Words> {
    let code = reader.required("code", value::number(200..=599_u16));
    let enhanced = reader.optional("enhanced", read::enhanced_code);
    let template = match reader.node("text") {
        Some(node) => read::template(node, reader.problems()),
        None => Template::parse("Refused").ok(),
    };
    Some(Words::Written { code: code?, enhanced, template: template? })
}
