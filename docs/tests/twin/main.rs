//! The model of the book and the kernel make the same steps, and return the same.

#[path = "../browser/chromium.rs"]
mod chromium;
mod faults;
mod kernel;
mod model;
mod random;
mod shrink;

use std::fmt::Write;
use std::{env, fs};

use anyhow::{Context, bail, ensure};
use book::scenario::{self, Scenario};

use faults::FAULTS;
use model::Model;

/// How many random scenarios CI runs. TWIN_SCENARIOS asks for another number, TWIN_SEED for others.
const SCENARIOS: u64 = 10_000;
/// How many scenarios the page is asked about at a time.
const AT_A_TIME: usize = 500;
/// How many differences are looked for before the test gives up.
const ENOUGH: usize = 5;
/// How often both make the steps before they count as different: what else runs on the machine may get in between.
const LOOKS: usize = 3;

fn number(name: &str, otherwise: u64) -> anyhow::Result<u64> {
    match env::var(name) {
        Ok(value) => value.parse().with_context(|| format!("{name}={value}")),
        Err(_) => Ok(otherwise),
    }
}

/// Returns what the kernel and the model return, if they differ each time.
fn difference(model: &Model, steps: &[String]) -> anyhow::Result<Option<[Vec<String>; 2]>> {
    let mut found = None;
    for _ in 0..LOOKS {
        let said = model.traces(&[steps.join("\n")])?.remove(0);
        let real = kernel::trace(steps)?;
        if real == said {
            return Ok(None);
        }
        found = Some([real, said]);
    }
    Ok(found)
}

/// Says in which steps the two differ, as a scenario with the kernel's results.
fn complain(model: &Model, steps: Vec<String>, title: &str) -> anyhow::Result<()> {
    let is_wrong = |steps: &[String]| Ok(difference(model, steps)?.is_some());
    let whole = steps.join("\n");
    let steps = shrink::shrink(steps, is_wrong)?;
    let [real, said] = difference(model, &steps)?
        .with_context(|| format!("{title} differs at times, so it is not shrunk:\n{whole}"))?;
    let release = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let mut text = format!(
        "# {title}\n# The model and Linux {} differ.\n",
        release.trim()
    );
    for (place, (step, real)) in steps.iter().zip(&real).enumerate() {
        writeln!(text, "{step} => {real}")?;
        let said = said.get(place).map_or("nothing", String::as_str);
        if said != real {
            writeln!(text, "# the model: {said}")?;
        }
    }
    bail!("{text}")
}

#[test]
#[ignore = "opens Chromium"]
fn random_scenarios() -> anyhow::Result<()> {
    let first = number("TWIN_SEED", 0)?;
    let seeds: Vec<u64> = (first..first + number("TWIN_SCENARIOS", SCENARIOS)?).collect();
    let model = Model::start()?;
    let mut complaints = Vec::new();
    for seeds in seeds.chunks(AT_A_TIME) {
        let scenarios: Vec<_> = seeds.iter().map(|seed| random::scenario(*seed)).collect();
        let texts: Vec<_> = scenarios.iter().map(|steps| steps.join("\n")).collect();
        let traces = model.traces(&texts)?;
        for ((seed, steps), said) in seeds.iter().zip(scenarios).zip(&traces) {
            let real = kernel::trace(&steps).with_context(|| format!("seed {seed}"))?;
            if real != *said && difference(&model, &steps)?.is_some() {
                let title = format!("Random scenario {seed}");
                complaints.extend(complain(&model, steps, &title).err());
                ensure!(complaints.len() < ENOUGH, "{complaints:#?}");
            }
        }
    }
    ensure!(complaints.is_empty(), "{complaints:#?}");
    Ok(())
}

fn sources(scenario: &Scenario) -> Vec<String> {
    let steps = scenario.steps.iter();
    steps.map(|step| step.source.clone()).collect()
}

#[test]
#[ignore = "opens Chromium"]
fn scenarios_of_the_book() -> anyhow::Result<()> {
    let scenarios = scenario::all()?;
    ensure!(scenarios.len() >= 14, "only {} scenarios", scenarios.len());
    let model = Model::start()?;
    for scenario in scenarios {
        let steps = sources(&scenario);
        if difference(&model, &steps)?.is_some() {
            complain(&model, steps.clone(), &scenario.title)?;
        }
        let real = kernel::trace(&steps)?;
        let right = real.iter().zip(&scenario.steps);
        for (place, (real, step)) in right.enumerate() {
            let place = format!("{}, step {}: {}", scenario.name, place + 1, step.source);
            ensure!(
                *real == step.result,
                "{place} returns {real}, and the file says {}",
                step.result
            );
        }
    }
    Ok(())
}

#[test]
#[ignore = "opens Chromium"]
fn a_wrong_model_is_noticed() -> anyhow::Result<()> {
    let right = model::source()?;
    let model = Model::start()?;
    let mut overlooked = String::new();
    for fault in &FAULTS {
        model.load(&fault.plant(&right)?)?;
        let scenario = Scenario::read(fault.caught_by)?;
        let said = model.traces(&[sources(&scenario).join("\n")])?.remove(0);
        let written: Vec<_> = scenario.steps.iter().map(|step| &step.result).collect();
        if said.len() != written.len() {
            writeln!(overlooked, "{} breaks the model: {said:?}", fault.name)?;
        } else if said.iter().eq(written) {
            writeln!(
                overlooked,
                "{} is not noticed by {}",
                fault.name, fault.caught_by
            )?;
        }
    }
    ensure!(overlooked.is_empty(), "{overlooked}");
    Ok(())
}

#[test]
#[ignore = "opens Chromium"]
fn a_mismatch_is_shrunk_to_a_handful_of_steps() -> anyhow::Result<()> {
    let model = Model::start()?;
    let not_queued = FAULTS
        .iter()
        .find(|fault| fault.name.starts_with("level-triggered"));
    model.load(
        &not_queued
            .context("no such fault")?
            .plant(&model::source()?)?,
    )?;
    for seed in 0..SCENARIOS {
        let steps = random::scenario(seed);
        if difference(&model, &steps)?.is_none() {
            continue;
        }
        let complaint = complain(&model, steps, "A planted fault").err();
        let complaint = complaint.context("nothing is wrong")?.to_string();
        let steps = complaint
            .lines()
            .filter(|line| !line.starts_with('#'))
            .count();
        ensure!(steps <= 6, "{steps} steps:\n{complaint}");
        let release = fs::read_to_string("/proc/sys/kernel/osrelease")?;
        ensure!(complaint.contains(release.trim()), "{complaint}");
        return Ok(());
    }
    bail!("no random scenario notices the fault")
}
