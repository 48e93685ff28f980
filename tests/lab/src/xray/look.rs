//! Looks at a server through the tracer.

use serde::Serialize;
use suite::{Client, Server, Tracer, seen};

use super::{Scene, Switches, acts};
use crate::Lab;
use crate::world::{CourseServer, attempt};

/// How often each scene is played. If it differs from time to time, the mean shows it by not being whole.
const TIMES: usize = 5;

/// A server's system calls, and its costs.
#[derive(Clone, Debug, Serialize)]
pub struct Xray {
    /// The server's name.
    #[serde(rename = "stage")]
    pub of: CourseServer,
    /// Silent clients connected meanwhile.
    pub idle: usize,
    /// Why they are fewer than wanted.
    pub fewer: Option<String>,
    /// A client sends some bytes and reads them back.
    pub echo: Scene,
    /// A client connects and stays idle.
    pub arrival: Scene,
    /// A client connects, has one echo, and leaves.
    pub connection: Scene,
    /// Context switches in the same number of echoes, without the tracer, because its stops are switches, too.
    pub switches: Switches,
    /// Bytes of memory that an idle client costs the server and its children: the growth of their RssAnon, which counts
    /// whole pages, divided by the idle clients. Unknown without idle clients.
    pub idle_bytes: Option<u64>,
}

/// Looks at a server next to `idle` silent clients, or as many as it can hold.
///
/// # Errors
///
/// If it does not start, cannot be traced, or does not serve.
pub fn look(lab: &Lab, of: CourseServer, idle: usize) -> anyhow::Result<Xray> {
    let subject = lab.server(of)?;
    let (idle, fewer) = acts::room(&subject, idle);
    let server = attempt(|| subject.start())?;
    let leave = |client| acts::leave(&server, client);
    // Memory allocated once, with the first client, must not count for the others.
    acts::crowd(&server, 1).into_iter().for_each(leave);
    let before = seen(server.process().family_memory());
    let crowd = acts::crowd(&server, idle);
    let grown = seen(server.process().family_memory()).saturating_sub(before);
    let switches = switches_of_echoes(&server);
    let tracer = server.trace();
    // Whatever serves it starts under the tracer's eyes: in stage 2, a process of its own.
    let active = acts::connect(&server, &tracer)?;
    let echo = scene(&server, &tracer, || {
        acts::echo(&server, &active, b"a word");
        Ok(None)
    })?;
    leave(active);
    let arrival = scene(&server, &tracer, || {
        acts::connect(&server, &tracer).map(Some)
    })?;
    let connection = scene(&server, &tracer, || {
        let client = acts::connect(&server, &tracer)?;
        acts::echo(&server, &client, b"a word");
        leave(client);
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
        idle_bytes: grown.checked_div(idle as u64),
    })
}

fn switches_of_echoes(server: &Server) -> Switches {
    let clients = acts::crowd(server, 1);
    let before = Switches::of(server.process());
    (0..TIMES).for_each(|_| acts::echo(server, &clients[0], b"a word"));
    let spent = Switches::of(server.process()).since(before);
    clients
        .into_iter()
        .for_each(|client| acts::leave(server, client));
    spent
}

/// Plays a scene several times, with the server at rest before and after, so that exactly its calls are recorded. A
/// client that stays leaves after the scene.
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
