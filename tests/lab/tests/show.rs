//! Results as text, as JSON and as a page.

use std::fs;

use lab::show::{Align, Axis, Cell, Document, Format, Output, Plot, Series, Shown, Table, Tone};
use serde::Serialize;

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
        document.plot(Plot {
            title: "Cost of an echo".into(),
            x: axis("idle clients"),
            y: axis("µs"),
            series: vec![
                series("poll", 0.9, false),
                series("epoll", 0.05, false),
                series("poll, published", 1.1, true),
            ],
        });
        document
    }
}

fn axis(label: &str) -> Axis {
    Axis {
        label: label.into(),
        logarithmic: true,
    }
}

fn series(name: &str, slope: f64, published: bool) -> Series {
    let places = [10_f64, 100.0, 1_000.0, 10_000.0, 19_000.0];
    Series {
        name: name.into(),
        points: places.map(|x| (x, x.powf(slope))).into(),
        published,
    }
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
    for foreign in ["src=", "href=", "@import", "url(", "<script"] {
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
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    assert!(report()?.contains(kernel.trim()));
    Ok(())
}

#[test]
fn a_plot_has_every_series_in_the_colours_of_the_page() -> anyhow::Result<()> {
    let page = report()?;
    for name in ["poll", "epoll", "poll, published"] {
        assert!(
            page.contains(&format!("\n{name}\n</text>")),
            "{name}: {page}"
        );
    }
    assert!(page.contains(r#"fill="currentColor""#));
    assert!(!page.contains("#010203"), "a placeholder is left");
    assert!(!page.contains("#FFFFFF"), "a background of its own");
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
            document.plot(Plot {
                title: "Nothing".into(),
                x: axis("x"),
                y: axis("y"),
                series: Vec::new(),
            });
            document
        }
    }
    let mut output = Output::new(Format::Json, None);
    output.show(&Empty)?;
    let error = output.page().map_err(|error| error.to_string());
    assert_eq!(error, Err("a plot of nothing".to_owned()));
    Ok(())
}
