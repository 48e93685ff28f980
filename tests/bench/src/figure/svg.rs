//! Curves as a picture of the book: its classes instead of colours, so that it works in light and dark, and text large
//! enough for a phone. Signs tell the curves apart.

use anyhow::{Context, ensure};

use super::axis::Axis;
use super::{Curve, Figure, short};

/// Every picture of the book begins with this style.
const STYLE: &str = include_str!("../../../../docs/theme/picture.css");

/// The area inside the axes, in units of the picture, and the picture's width.
const LEFT: f64 = 58.0;
const RIGHT: f64 = 404.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 260.0;
const WIDTH: f64 = 420.0;
/// Room between an axis and the first and last values.
const INSET: f64 = 10.0;
/// Where the legend begins, and the height of its rows.
const LEGEND: f64 = 322.0;
const ROW: f64 = 22.0;

impl Figure {
    /// Returns the figure as a self-contained SVG element.
    ///
    /// # Errors
    ///
    /// Fails if no point has a logarithm, or if there are more curves than signs.
    pub fn svg(&self) -> anyhow::Result<String> {
        let (x, y) = self.axes().context("a figure needs points")?;
        ensure!(
            self.curves.len() <= SIGNS.len(),
            "there are more curves than signs"
        );
        let title = escape(&self.title);
        let names: Vec<_> = self.curves.iter().map(Curve::in_words).collect();
        // Two entries share a row, unless one is too long.
        let columns = match names.iter().map(|name| name.chars().count()).max() {
            Some(..23) => 2,
            _ => 1,
        };
        let height = LEGEND + ROW * names.len().div_ceil(columns) as f64 - 8.0;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n"
        );
        svg += &self.grid(&x, &y);
        let signs: Vec<Sign> = self.signs().map(|place| SIGNS[place]).collect();
        for (curve, sign) in self.curves.iter().zip(&signs) {
            svg += &line(curve, *sign, &x, &y);
        }
        for (place, (curve, sign)) in self.curves.iter().zip(&signs).enumerate() {
            let left = 14.0 + (place % columns) as f64 * 200.0;
            let y = LEGEND + (place / columns) as f64 * ROW;
            svg += &path(curve.class(), &format!("M{left} {y}h28"));
            svg += &sign(left + 14.0, y);
            svg += &text(left + 36.0, y + 4.5, "start", &names[place]);
        }
        Ok(svg + "</svg>\n")
    }

    /// Returns both axes with a line for each power of ten.
    fn grid(&self, x: &Axis, y: &Axis) -> String {
        let mut svg = String::new();
        for (power, place) in y.powers() {
            let at = up(place);
            svg += &thin(&format!("M{LEFT} {at:.1}H{RIGHT}"));
            svg += &text(LEFT - 6.0, at + 4.5, "end", &short(power));
        }
        for (power, place) in x.powers() {
            let at = along(place);
            svg += &thin(&format!("M{at:.1} {TOP}V{BOTTOM}"));
            svg += &text(at, BOTTOM + 18.0, "middle", &short(power));
        }
        svg += &path("line", &format!("M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"));
        svg += &text(6.0, TOP - 12.0, "start", &self.y);
        svg + &text(RIGHT, BOTTOM + 38.0, "end", &self.x)
    }

    /// Returns the sign of each curve: the published “TLPI poll” gets the sign of our own “poll”.
    fn signs(&self) -> impl Iterator<Item = usize> {
        let is_own = |curve: &Curve, name: &str| !curve.published && curve.name == name;
        let own = move |name: &str| self.curves.iter().position(|curve| is_own(curve, name));
        self.curves.iter().enumerate().map(move |(place, curve)| {
            let name = curve.name.split_once(' ').filter(|_| curve.published);
            name.and_then(|(_, name)| own(name)).unwrap_or(place)
        })
    }
}

impl Curve {
    /// Returns the curve's class: our own epoll curves stand out, published curves are dashed.
    fn class(&self) -> &'static str {
        match (self.published, self.name.contains("epoll")) {
            (true, _) => "soft",
            (false, true) => "mark",
            (false, false) => "line",
        }
    }
}

/// Returns where a place on the x axis is in the picture.
fn along(place: f64) -> f64 {
    LEFT + INSET + place * (RIGHT - LEFT - 2.0 * INSET)
}

/// Returns where a place on the y axis is in the picture.
fn up(place: f64) -> f64 {
    BOTTOM - INSET - place * (BOTTOM - TOP - 2.0 * INSET)
}

/// Returns a curve with its sign at each point.
fn line(curve: &Curve, sign: Sign, x: &Axis, y: &Axis) -> String {
    let points = curve.points.iter();
    let places = points.filter_map(|(px, py)| Some((along(x.place(*px)?), up(y.place(*py)?))));
    let places: Vec<_> = places.collect();
    if places.is_empty() {
        return String::new();
    }
    let corner = |(x, y): &(f64, f64)| format!("{x:.1} {y:.1}");
    let corners: Vec<_> = places.iter().map(corner).collect();
    let mut svg = path(curve.class(), &format!("M{}", corners.join("L")));
    for (x, y) in places {
        svg += &sign(x, y);
    }
    svg
}

/// A mark for a point.
type Sign = fn(f64, f64) -> String;
const SIGNS: [Sign; 6] = [
    |x, y| format!("<circle class=\"idle\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>\n"),
    |x, y| path("head", &format!("M{:.1} {:.1}h8v8h-8z", x - 4.0, y - 4.0)),
    |x, y| format!("<circle class=\"ready\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>\n"),
    |x, y| path("idle", &format!("M{:.1} {:.1}h10l-5 -9z", x - 5.0, y + 4.5)),
    |x, y| path("ready", &format!("M{:.1} {:.1}h8v8h-8z", x - 4.0, y - 4.0)),
    |x, y| path("ready", &format!("M{x:.1} {:.1}l6 6l-6 6l-6 -6z", y - 6.0)),
];

fn thin(steps: &str) -> String {
    format!("<path class=\"gone\" opacity=\"0.4\" d=\"{steps}\"/>\n")
}

fn path(class: &str, steps: &str) -> String {
    format!("<path class=\"{class}\" d=\"{steps}\"/>\n")
}

fn text(x: f64, y: f64, anchor: &str, content: &str) -> String {
    format!(
        "<text class=\"small\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>\n",
        escape(content)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_the_books_style_and_no_colours_of_its_own() -> anyhow::Result<()> {
        let points = vec![(0.0, 5.0), (10.0, 9.0), (1000.0, 900.0)];
        let mut figure = Figure::new("A < B", "idle", "µs");
        let published = Curve::published("TLPI poll", &[(10.0, 20.0)]);
        figure
            .curves
            .extend([Curve::own("poll", points), published]);
        let svg = figure.svg()?;
        let rest = svg.replace(STYLE, "");
        assert!(svg.contains(STYLE) && svg.contains("<title>A &lt; B</title>"));
        assert!(!rest.contains("fill=") && !rest.contains("stroke=") && !rest.contains('#'));
        assert!(
            !rest.contains("inf") && !rest.contains("NaN"),
            "0 has no logarithm"
        );
        assert!(rest.contains("1,000") && rest.contains("TLPI poll (published)"));
        assert_eq!(figure.signs().collect::<Vec<_>>(), [0, 0]);
        Ok(())
    }
}
