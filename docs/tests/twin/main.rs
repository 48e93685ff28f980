//! The model of the book and the kernel make the same steps, and return the same.

mod kernel;
mod model;
mod random;

use anyhow::ensure;

use model::Model;

const SCENARIOS: u64 = 10_000;
/// How many scenarios the page is asked about at a time.
const AT_A_TIME: usize = 500;

#[test]
fn random_scenarios() -> anyhow::Result<()> {
    let number = |name: &str, otherwise| {
        std::env::var(name)
            .ok()
            .and_then(|value| value.parse().ok())
            .unwrap_or(otherwise)
    };
    let first = number("TWIN_SEED", 0);
    let seeds: Vec<u64> = (first..first + number("TWIN_SCENARIOS", SCENARIOS)).collect();
    let model = Model::start()?;
    for seeds in seeds.chunks(AT_A_TIME) {
        let scenarios: Vec<_> = seeds.iter().map(|seed| random::scenario(*seed)).collect();
        let texts: Vec<_> = scenarios.iter().map(|steps| steps.join("\n")).collect();
        let traces = model.traces(&texts)?;
        for ((seed, steps), said) in seeds.iter().zip(&scenarios).zip(&traces) {
            let steps: Vec<_> = steps.iter().map(String::as_str).collect();
            let real = kernel::trace(&steps)?;
            if real != *said {
                for ((step, real), said) in steps.iter().zip(&real).zip(said) {
                    eprintln!(
                        "{step} => {real}{}",
                        if real == said {
                            String::new()
                        } else {
                            format!("    MODEL: {said}")
                        }
                    );
                }
                if said.len() != real.len() {
                    eprintln!("{said:?}");
                }
                ensure!(false, "seed {seed}");
            }
        }
    }
    Ok(())
}
