//! The pictures read in light and dark and on a phone: they share a style, are narrow, and their text is large.

use std::fs;

use anyhow::{Context, ensure};
use book::{chapters, markdown_files, read, workspace};
use regex::Regex;

/// Each picture: its name, and what is in it.
fn pictures() -> anyhow::Result<Vec<(String, String)>> {
    let mut pictures = Vec::new();
    for entry in fs::read_dir(chapters().join("pictures"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        pictures.push((name.into_owned(), read(&path)?));
    }
    ensure!(!pictures.is_empty(), "there is no picture");
    Ok(pictures)
}

#[test]
fn all_share_the_style_that_follows_the_theme() -> anyhow::Result<()> {
    let style = read(&workspace().join("docs/theme/picture.css"))?;
    let own_colour =
        Regex::new(r##"(fill|stroke|style)="(#|rgb|hsl|[a-z]*:|black|white|red|blue|gr)"##)?;
    for (name, picture) in pictures()? {
        let inside = picture
            .split("<style>")
            .nth(1)
            .and_then(|p| p.split("</style>").next());
        let inside = inside.with_context(|| format!("{name} has no style"))?;
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        ensure!(
            words(inside) == words(&style),
            "{name}: not the style of docs/theme/picture.css"
        );
        let colour = own_colour.find(&picture);
        ensure!(
            colour.is_none(),
            "{name} has a colour of its own: {colour:?}"
        );
        ensure!(picture.contains("role=\"img\""), "{name} has no role");
        ensure!(picture.contains("<title>"), "{name} has no title");
    }
    Ok(())
}

#[test]
fn they_fit_on_a_phone() -> anyhow::Result<()> {
    let view = Regex::new(r#"viewBox="0 0 (\d+) (\d+)""#)?;
    let size = Regex::new(r#"font-size[=:]"?\s*([\d.]+)"#)?;
    for (name, picture) in pictures()? {
        let width = view
            .captures(&picture)
            .with_context(|| format!("{name}: how wide?"))?;
        let width: u32 = width[1].parse()?;
        ensure!(width <= 420, "{name} is {width} wide");
        for size in size.captures_iter(&picture) {
            ensure!(
                size[1].parse::<f32>()? >= 13.0,
                "{name}: text of {}",
                &size[1]
            );
        }
    }
    Ok(())
}

#[test]
fn each_is_shown_and_described() -> anyhow::Result<()> {
    let shown = Regex::new(r"!\[([^\]]*)\]\(pictures/([^)]+)\)")?;
    let mut names = Vec::new();
    for path in markdown_files()? {
        for picture in shown.captures_iter(&read(&path)?) {
            let described = picture[1].split_whitespace().count() >= 8;
            ensure!(
                described,
                "{}: what does {} show?",
                path.display(),
                &picture[2]
            );
            names.push(picture[2].to_owned());
        }
    }
    for (name, _) in pictures()? {
        ensure!(names.contains(&name), "{name} is in no chapter");
    }
    Ok(())
}
