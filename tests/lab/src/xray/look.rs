//! Puts a server under the eyes of the tracer.

use serde::Serialize;
use suite::{Client, Server, Tracer, seen};

use super::rest::switches;
use super::{Scene, Switches, acts};
use crate::Lab;
use crate::world::{CourseServer, attempt};

/// How often each scene is played. Should it not be the same each time, the mean is no whole number, and
/// shows it.
const TIMES: usize = 5;

/// A server's requests to the kernel, and its costs.
#[derive(Clone, Debug, Serialize)]
pub struct Xray {
    /// Which server it is.
    #[serde(rename = "stage")]
    pub of: CourseServer,
    /// Clients that were connected meanwhile, and silent.
    pub idle: usize,
    /// Why they were fewer than wanted.
    pub fewer: Option<String>,
    /// A client sends some bytes, and has them back.
    pub echo: Scene,
    /// A client connects, and is idle from then on.
    pub arrival: Scene,
    /// A client connects, has one echo, and leaves.
    pub connection: Scene,
    /// Context switches in as many echoes, made without the tracer, whose stops are switches, too.
    pub switches: Switches,
    /// Bytes of memory that an idle client costs the server and its children: the growth of their RssAnon,
    /// which is one of whole pages, over all idle clients. Unknown if there are none.
    pub idle_bytes: Option<u64>,
}

/// Looks at a server beside `idle` silent clients, or as many as it can have.
///
/// # Errors
///
/// If it does not start, cannot be traced, or does not serve.
pub fn look(lab: &Lab, of: CourseServer, idle: usize) -> anyhow::Result<Xray> {
    let subject = lab.server(of)?;
    let (idle, fewer) = acts::room(&subject, idle);
    let server = attempt(|| subject.start())?;
    let (crowd, idle_bytes) = crowd(&server, idle);
    let switches = switches_of_echoes(&server);
    let tracer = lab.trace(server.process().pid().as_raw())?;
    // Whatever serves it is born under the tracer's eyes: of stage 2 that is a process of its own.
    let active = acts::connect(&server, &tracer)?;
    let echo = scene(&server, &tracer, || {
        acts::echo(&server, &active, b"a word");
        Ok(None)
    })?;
    acts::leave(&server, active);
    let arrival = scene(&server, &tracer, || {
        acts::connect(&server, &tracer).map(Some)
    })?;
    let connection = scene(&server, &tracer, || {
        let client = acts::connect(&server, &tracer)?;
        acts::echo(&server, &client, b"a word");
        acts::leave(&server, client);
        Ok(None)
    })?;
    suite::leave(crowd);
    Ok(Xray {
        of,
        idle,
        fewer,
        echo,
        arrival,
        connection,
        switches,
        idle_bytes,
    })
}

/// Idle clients, and the memory that each of them costs.
fn crowd(server: &Server, idle: usize) -> (Vec<Client>, Option<u64>) {
    // Memory that is allocated once, with the first client, is not to be counted for the others.
    acts::leave(server, acts::arrive(server));
    let before = seen(server.process().family_memory());
    let crowd = acts::crowd(server, idle);
    let grown = seen(server.process().family_memory()).saturating_sub(before);
    (crowd, grown.checked_div(idle as u64))
}

fn switches_of_echoes(server: &Server) -> Switches {
    let client = acts::arrive(server);
    let before = switches(server.process());
    (0..TIMES).for_each(|_| acts::echo(server, &client, b"a word"));
    let spent = switches(server.process()) - before;
    acts::leave(server, client);
    spent
}

/// Plays a scene, each time with the server at rest before and after, so that all calls of it are
/// recorded, and no others. A client who stays in it leaves behind the scene.
fn scene(
    server: &Server,
    tracer: &Tracer,
    mut play: impl FnMut() -> anyhow::Result<Option<Client>>,
) -> anyhow::Result<Scene> {
    let mut scene = Scene::default();
    for _ in 0..TIMES {
        tracer.clear();
        let stays = play()?;
        scene.add(&tracer.calls());
        stays
            .into_iter()
            .for_each(|client| acts::leave(server, client));
    }
    Ok(scene)
}
