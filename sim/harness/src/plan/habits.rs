//! What providers do because their profiles are known to: the habits of a profile that a scenario turns on.

use fleet::Habit;
use fleet::profile::{self, Profile};
use scenario::{Habits, Problem, Problems, Provider};

/// The habits in force at a provider: those of its profile for which nothing of the same key is written.
pub(super) fn of<'a>(written: &'a Provider, profile: &'static Profile) -> impl Iterator<Item = &'a Habit> {
    let habits: &[Habit] = match written.habits.value {
        Habits::None => &[],
        Habits::AsPublished => &profile.habits,
    };
    let is_written =
        |habit: &Habit| written.behaviours.iter().any(|behaviour| behaviour.key.value == habit.key());
    habits.iter().filter(move |habit| !is_written(habit))
}

/// Reports habits that are asked for where none is known: whoever wrote it believes that something happens.
pub(super) fn check(written: &Provider, profile: &'static Profile, problems: &mut Problems) {
    match written.habits.value {
        Habits::AsPublished if profile.habits.is_empty() => {
            let with_habits = profile::library().profiles().filter(|profile| !profile.habits.is_empty());
            let names: Vec<String> = with_habits.map(|profile| format!("`{}`", profile.name)).collect();
            let message = format!("no habits of `{}` are known", profile.name);
            let help = format!(
                "leave `habits` out, and write what the provider does; there are habits of {}",
                names.join(", ")
            );
            problems.push(Problem::at(written.habits.place, message, "nothing to turn on").help(help));
        }
        Habits::None | Habits::AsPublished => {}
    }
}
