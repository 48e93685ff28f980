//! Results as text, as JSON and as a page.

use anyhow::Context;
use bench::{Curve, Figure};
use lab::show::{Align, Cell, Document, Format, Output, Shown, Table, Tone};
use serde::Serialize;
use suite::system;

/// A result that has everything in it.
#[derive(Serialize)]
struct Sample {
    count: u64,
}

impl Shown for Sample {
    const KIND: &'static str = "sample";

    fn document(&self) -> Document {
        let mut document = Document::new("A <sample> & more");
        document.text("Words that are wrapped.");
        document.lines(["read(3) = \"<b>\"".to_owned()]);
        let mut table = Table::new([("what", Align::Left), ("seen", Align::Right)]);
        table.row([Cell::from("calls"), Cell::new(Tone::Bad, "12")]);
        document.table(table);
        document.plot(figure(vec![
            Curve::own("poll", points(0.9)),
            Curve::own("epoll", points(0.05)),
            Curve::published("TLPI poll", &points(1.1)),
        ]));
        document
    }
}

fn figure(curves: Vec<Curve>) -> Figure {
    Figure {
        title: "Cost of an echo".into(),
        x: "idle clients".into(),
        y: "µs".into(),
        curves,
    }
}

fn points(slope: f64) -> Vec<(f64, f64)> {
    let places = [10_f64, 100.0, 1_000.0, 10_000.0, 19_000.0];
    places.map(|x| (x, x.powf(slope))).into()
}

/// The page that a report of the sample is.
fn report() -> anyhow::Result<String> {
    let mut output = Output::new(Format::Json, None);
    output.show(&Sample { count: 12 })?;
    output.page()
}

#[test]
fn a_report_needs_nothing_beside_it() -> anyhow::Result<()> {
    let page = report()?;
    let page = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", ""); // a name, which nothing fetches
    for foreign in ["src=", "href=", "@import", "url(", "<script", "://"] {
        assert!(!page.contains(foreign), "{foreign} in {page}");
    }
    Ok(())
}

#[test]
fn what_a_server_prints_is_no_markup() -> anyhow::Result<()> {
    let page = report()?;
    assert!(
        page.contains("<h2>A &lt;sample&gt; &amp; more</h2>"),
        "{page}"
    );
    assert!(page.contains("read(3) = &quot;&lt;b&gt;&quot;"), "{page}");
    Ok(())
}

#[test]
fn a_report_names_the_machine() -> anyhow::Result<()> {
    let kernel = system::setting("kernel/osrelease").context("the kernel has no name")?;
    assert!(report()?.contains(&kernel));
    Ok(())
}

#[test]
fn a_plot_has_every_curve_in_the_style_of_the_book() -> anyhow::Result<()> {
    let page = report()?;
    for name in ["poll", "epoll", "TLPI poll (published)"] {
        assert!(page.contains(&format!(">{name}</text>")), "{name}: {page}");
    }
    assert!(page.contains("@media (prefers-color-scheme: dark)"));
    assert!(page.contains(r#"<path class="mark""#), "epoll's own curve");
    Ok(())
}

#[test]
fn an_empty_plot_is_an_error() -> anyhow::Result<()> {
    struct Empty;
    impl Serialize for Empty {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_unit()
        }
    }
    impl Shown for Empty {
        const KIND: &'static str = "empty";
        fn document(&self) -> Document {
            let mut document = Document::new("Nothing");
            document.plot(figure(Vec::new()));
            document
        }
    }
    let mut output = Output::new(Format::Json, None);
    output.show(&Empty)?;
    let error = output.page().map_err(|error| error.to_string());
    assert_eq!(error, Err("a figure needs points".to_owned()));
    Ok(())
}
