//! Templates: the built-in ones hold under every sample, the owner's mistakes are found with their lines.

use serde_json::json;

use super::*;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, words) in files {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("made");
        std::fs::write(file, words).expect("written");
    }
    folder
}

fn mistakes(files: &[(&str, &str)]) -> Vec<String> {
    let folder = folder(files);
    let found = Templates::load(Some(folder.path())).expect_err("mistakes");
    let root = format!("{}/", folder.path().display());
    found.iter().map(|m| m.to_string().replace(&root, "")).collect()
}

#[test]
fn every_built_in_letter_holds_under_every_sample() {
    let templates = Templates::load(None).expect("good");
    for letter in LETTERS {
        let whole = BUILT_IN_LETTERS.iter().find(|(name, _)| *name == letter.name).expect("its words").1;
        let file = PathBuf::from(letter.name);
        let source = Source { file: &file, language: "en", letter, whole };
        assert_eq!(check::mistakes_in(&source), []);
        assert_eq!(templates.try_all(&format!("en/{}", letter.name), &source), None);
    }
}

#[test]
fn the_built_in_layout_passes_the_check_of_an_owners() {
    let folder = folder(&[("layout.html", BUILT_IN_LAYOUT)]);
    assert!(Templates::load(Some(folder.path())).is_ok());
}

#[test]
fn a_value_is_never_markup_nor_template_nor_html() {
    let templates = Templates::load(None).expect("good");
    let kind = letter_kind("apology").expect("a letter");
    for name in ["**x**", "{{y}}", "<b>z</b>", "[a](https://b.example)", "> q", "{{{ref}}}", "A & B"] {
        let mut values = kind.with(None, |_| true);
        values.insert("danger".into(), json!(false));
        values.insert("name".into(), json!(name));
        let letter = templates.render("apology", "en", &values).expect("rendered");
        assert!(letter.text.contains(&format!("Dear {name},")), "{}", letter.text);
        assert!(letter.html.contains(&format!("Dear {},", handlebars::html_escape(name))), "{name}");
    }
}

#[test]
fn the_lines_of_a_quote_are_all_marked_and_all_escaped() {
    let templates = Templates::load(None).expect("good");
    let mut values = letter_kind("new-case").expect("a letter").with(None, |_| true);
    values.insert("words".into(), json!("one\n<i>two</i>\n\n**three**"));
    let letter = templates.render("new-case", "en", &values).expect("rendered");
    assert!(letter.text.contains("> one\n> <i>two</i>\n>\n> **three**\n"), "{}", letter.text);
    assert!(letter.html.contains("one<br>\n&lt;i&gt;two&lt;/i&gt;<br>\n<br>\n**three**"));
}

#[test]
fn an_own_letter_replaces_the_built_in_one() {
    let folder = folder(&[("en/escalated.md", "Subject: Now {{to.first}}\n\nHello, **{{to.first}}** has it.\n")]);
    let templates = Templates::load(Some(folder.path())).expect("good");
    let values = letter_kind("escalated").expect("a letter").with(None, |_| true);
    let letter = templates.render("escalated", "en", &values).expect("rendered");
    assert_eq!((letter.subject.as_str(), letter.text.as_str()), ("Now Jane", "Hello, Jane has it.\n"));
    assert!(letter.html.contains("<strong>Jane</strong>"));
}

#[test]
fn a_folder_of_another_language_adds_it_letter_by_letter() {
    let folder = folder(&[("de/escalated.md", "Subject: Ihr Fall\n\nGuten Tag,\n\n{{to.titled}}\n")]);
    let templates = Templates::load(Some(folder.path())).expect("good");
    for (wanted, got) in [("de", "de"), ("de-AT", "de"), ("DE_at", "de"), ("fr", "en"), ("", "en"), ("den", "en")] {
        assert_eq!(templates.language("escalated", &[wanted]), got, "{wanted}");
    }
    assert_eq!(templates.language("apology", &["de-AT"]), "en");
    assert_eq!(templates.language("escalated", &["fr", "de-CH"]), "de", "the company's before ours");
    assert_eq!(templates.languages().into_iter().collect::<Vec<_>>(), ["de", "en"]);
    let values = letter_kind("escalated").expect("a letter").with(None, |_| true);
    let letter = templates.render("escalated", "de-AT", &values).expect("rendered");
    assert!(letter.html.contains("<html lang=\"de\">"));
}

#[test]
fn a_letter_that_fails_on_the_day_gives_way_to_the_built_in_one() {
    let folder = folder(&[("en/escalated.md", "Subject: x\n\nYours of {{opened}}\n")]);
    let templates = Templates::load(Some(folder.path())).expect("good");
    let mut values = letter_kind("escalated").expect("a letter").with(None, |_| true);
    assert_eq!(templates.render("escalated", "en", &values).expect("rendered").fell_back, None);
    values.remove("opened");
    let letter = templates.render("escalated", "en", &values).expect("the built-in one does without here");
    assert!(letter.text.contains("Jane Okafor has your case now"), "{}", letter.text);
    assert!(letter.fell_back.expect("a reason").starts_with("en/escalated.md: {{opened}} may be lacking"));
    values.remove("to");
    assert!(templates.render("escalated", "en", &values).is_err(), "an error, and never an empty place");
}

#[test]
fn every_mistake_is_found_at_once_with_its_file_and_line() {
    let found = mistakes(&[
        ("en/apology.md", "Subject: Re: {{subjct}}\n\nDear,\n\n{{#if reder}}\nx\n{{/if}}\n{{above.nam}}\n"),
        ("en/holding.md", "Hello\n\nx\n"),
        ("en/escalated.md", "Subject: x\n\nDear {{name}},\n"),
        ("en/new-case.md", "Subject: x\n\n{{{words}}}\n{{& words}}\n"),
        ("en/alert.md", "Subject: x\n\n{{#each lines}}\n{{this}}\n"),
        ("en/customer-wrote.md", "Subject: x\n\nok\n\nso **bold\n"),
        ("en/delivery-failed.md", "Subject: x\n\n{{uppercase ref}}\n{{> foot}}\n"),
        ("en/escalation-digest.md", "Subject: x\n\n{{#each rings}}\n{{reff}} {{../me.frst}}\n{{/each}}\n"),
        ("en/apologie.md", "Subject: x\n\ny\n"),
    ]);
    let wanted = [
        "en/alert.md:",
        "en/apologie.md: there is no letter of that name; did you mean apology.md?",
        "en/apology.md:1: {{subjct}} is no value of this letter; did you mean subject?",
        "en/apology.md:5: {{reder}} is no value of this letter; did you mean reader?",
        "en/apology.md:8: {{above.nam}} is no value of this letter; did you mean name?",
        "en/customer-wrote.md:5: a ** opens bold",
        "en/delivery-failed.md:3: there is no {{uppercase ..}}",
        "en/delivery-failed.md:4: partials",
        "en/escalated.md:3: {{name}} may be lacking: ask for it with {{#if name}} first",
        "en/escalation-digest.md:4: {{reff}} is no value of this letter; did you mean ref?",
        "en/escalation-digest.md:4: {{../me.frst}} is no value of this letter; did you mean first?",
        "en/holding.md:1: the first line must be \"Subject: ...\"",
        "en/new-case.md:3: {{{",
        "en/new-case.md:4: {{{",
    ];
    for want in wanted {
        assert!(found.iter().any(|m| m.starts_with(want)), "{want}\nnot in\n{}", found.join("\n"));
    }
    assert_eq!(found.len(), wanted.len(), "{}", found.join("\n"));
}

#[test]
fn a_layout_brings_nothing_from_elsewhere() {
    let found = mistakes(&[("layout.html", "<script>x</script>\n<img src=\"https://t.example/p\">\n{{hose}}\n")]);
    let wanted = [
        "layout.html: the layout must hold <!-- letter --> once: there the letter stands",
        "layout.html:1: <script: a letter brings no script and fetches nothing",
        "layout.html:2: src=\"http: a letter brings no script and fetches nothing",
        "layout.html:3: {{hose}} is no value of this letter; did you mean house?",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn a_letter_to_a_customer_is_short_enough() {
    let long = format!("Subject: x\n\n{}\n", "word ".repeat(900));
    let found = mistakes(&[("en/escalated.md", &long)]);
    assert!(found[0].contains("at most 4 kB"), "{found:?}");
}
