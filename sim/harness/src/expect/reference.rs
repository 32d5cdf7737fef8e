//! The reference page of expectations, written from the definitions, so that it can not lag behind them.

use std::fmt::Write;

use policy::verdict::Category;

use super::language::{Comparables, FilterKind, INSTANTS, OPERATORS};
use super::metric::{self, Argument, Metric};
use super::sentence::{FATES, FORMS};

const OPENING: &str = "\
# Expectations

An expectation is one line under `expect:`. It says what must be true of the run, and the run fails if it is not.

- `METRIC [(FILTER {, FILTER})] OPERATOR QUANTITY [INSTANT]`, as in `delivered(northmail) >= 99% by 4h`
- `contact ADDRESS ... [INSTANT]`, as in `contact ann@bigbox.test is active at 4h`

What must hold of each recipient must hold of at least one: an expectation about nobody fails. One that speaks of
something that the scenario does not have is refused before anything runs.
";

const QUANTITIES: &str = "
## Quantities

A whole number (`600`, `100_000`); a duration with its unit (`10m`, `29h30m`) for metrics that measure time; or a share
(`99%`) for metrics that count a part of a whole: of those selected under the same filter without the category, or of all
contacts without the status. With `==`, `!=` a share stands for the nearest whole number, as it does where a scenario
shares out mailboxes; otherwise it is compared exactly. A share of nobody fails.
";

const NAMES: &str = "
A word in parentheses means whatever in the scenario has that name. Where two things have it, put the kind before it
(`mailing:spring`). A name with a comma, a parenthesis or blanks at its ends stands in double quotes.
";

/// The reference page, in Markdown.
pub fn reference() -> String {
    let mut page = OPENING.to_owned();
    page.push_str("\n## Metrics\n");
    metric::all().for_each(|metric| page.push_str(&described(metric)));
    let filters =
        FilterKind::ALL.map(|kind| [kind.name().to_owned(), kind.about().to_owned(), code(kind.example())]);
    table(&mut page, "Filters", ["Kind", "Lets through", "Example"], &filters);
    page.push_str(NAMES);
    let categories = Category::ALL.map(|category| [code(category.name()), category.about().to_owned()]);
    page.push_str("\n## Reason categories\n\n| Category | The reason |\n|---|---|\n");
    categories.iter().for_each(|[name, about]| page.push_str(&format!("| {name} | {about} |\n")));
    let operators = OPERATORS.map(|row| [code(row.sign), row.about.to_owned(), code(row.example)]);
    table(&mut page, "Operators", ["Operator", "Meaning", "Example"], &operators);
    page.push_str(QUANTITIES);
    let instants = INSTANTS.map(|(form, about, example)| [code(form), about.to_owned(), code(example)]);
    table(&mut page, "Instants", ["Instant", "Meaning", "Example"], &instants);
    let forms = FORMS.map(|form| [code(form.form), form.about.to_owned(), code(form.example)]);
    table(&mut page, "Sentences about a contact", ["Sentence", "Meaning", "Example"], &forms);
    page.push_str("\nA fate is one of:\n\n");
    FATES.iter().for_each(|fate| item(&mut page, fate.word, fate.about));
    page
}

fn described(metric: &Metric) -> String {
    let argument = match metric.argument {
        Argument::None => "",
        Argument::Attempt => "- First in the parentheses: the number of an attempt\n",
    };
    let filters: Vec<&str> = metric.filters.iter().map(|kind| kind.name()).collect();
    let needed = metric.needs.map_or(String::new(), |kind| format!("; the {} is needed", kind.name()));
    let shares = match metric.comparables {
        Comparables::CountsAndShares => ", or a share",
        Comparables::Counts | Comparables::Times => "",
    };
    format!(
        "\n### `{}`\n\n{}\n\n- Unit: {}{shares}\n{argument}- Filters: {}{needed}\n- Example: `{}`\n",
        metric.name,
        metric.about,
        metric.unit,
        filters.join(", "),
        metric.example,
    )
}

fn table(page: &mut String, title: &str, head: [&str; 3], rows: &[[String; 3]]) {
    let line = |cells: [&str; 3]| format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
    let _ = write!(page, "\n## {title}\n\n{}|---|---|---|\n", line(head));
    rows.iter().for_each(|row| page.push_str(&line(row.each_ref().map(String::as_str))));
}

fn item(page: &mut String, word: &str, about: &str) {
    let _ = writeln!(page, "- `{word}`: {about}");
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
