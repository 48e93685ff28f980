//! The file servers: stage 8 and nginx.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use anyhow::Context;
use suite::{Faults, Server, Subject, fresh_address};

/// nginx as a single process, which then does the serving itself. nginx insists on the folders named last; they have no
/// use here.
const NGINX: &str = "daemon off; master_process off; worker_processes 1;
pid {name}.pid; error_log {name}.log;
events { worker_connections 4096; }
http {
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; {more}
    server { listen {addr}; root files; }
    client_body_temp_path temp1; proxy_temp_path temp2; fastcgi_temp_path temp3;
    uwsgi_temp_path temp4; scgi_temp_path temp5;
}";
/// The part of its configuration about the cache of open files.
pub(super) const CACHE: &str = "open_file_cache max=1000 inactive=60s; open_file_cache_valid 1s;";

/// Starts stage 8, which needs no configuration.
pub(super) fn stage_08(program: &Path, folder: &Path) -> Server {
    let command = [
        program.into(),
        "127.0.0.1:0".into(),
        "--root".into(),
        folder.join("files").into(),
        "--http".into(),
        "{addr}".into(),
    ];
    Subject::foreign(command.into()).start()
}

/// Starts nginx with `more` added to its configuration.
pub(super) fn nginx(
    program: &Path,
    folder: &Path,
    name: &str,
    more: &str,
) -> anyhow::Result<Server> {
    let address = free_address()?;
    let config = NGINX.replace("{name}", name).replace("{more}", more);
    let config = config.replace("{addr}", &address.to_string());
    let path = folder.join(format!("{name}.conf"));
    fs::write(&path, config).with_context(|| path.display().to_string())?;
    let (prefix, config) = ("-p".into(), "-c".into());
    let command = [program.into(), prefix, folder.into(), config, path.into()];
    let subject = Subject::foreign(command.into());
    Ok(Server::start(&subject, address, &Faults::default()))
}

/// Returns a free port on a loopback address of its own.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(fresh_address())?.local_addr()?)
}
