//! `tokio-echo ADDR`: the echo on tokio, in one thread.

use std::time::Duration;
use std::{env, io};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::time::sleep;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:7011".into());
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(&address))
}

async fn serve(address: &str) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        match listener.accept().await {
            Ok((client, _address)) => {
                client.set_nodelay(true)?;
                tokio::spawn(echo(client));
            }
            // Descriptors are short, say. The listener is still ready, so a loop without a pause would spin.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn echo(mut client: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match client.read(&mut buffer).await? {
            0 => return Ok(()),
            received => client.write_all(&buffer[..received]).await?,
        }
    }
}
