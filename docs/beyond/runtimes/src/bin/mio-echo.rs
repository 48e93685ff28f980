//! `mio-echo ADDR`: the echo on mio, in one thread. What stage 7 has to remember, this has to remember: mio only reports.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(0);

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:7012".into());
    let mut listener = TcpListener::bind(address.parse()?)?;
    let mut poll = Poll::new()?;
    let registry = poll.registry().try_clone()?;
    registry.register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);
    let mut events = Events::with_capacity(1024);
    let mut connections: HashMap<Token, Connection> = HashMap::new();
    // None is used twice.
    let mut tokens = (1..).map(Token);
    let mut scratch = vec![0; 16 * 1024];
    let mut clients_wait = false;
    loop {
        // After an error of accept there is no edge: it is tried again.
        let limit = clients_wait.then_some(Duration::from_millis(100));
        match poll.poll(&mut events, limit) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if let Some(connection) = connections.get_mut(&event.token()) {
                connection.remember(event);
                let ended = connection.drive(&mut scratch);
                if !ended.is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
                    connections.remove(&event.token());
                }
            }
        }
        clients_wait |= events.iter().any(|event| event.token() == LISTENER);
        while clients_wait {
            let mut stream = match listener.accept() {
                Ok((stream, _address)) => stream,
                Err(error) => {
                    clients_wait = error.kind() != ErrorKind::WouldBlock;
                    break;
                }
            };
            stream.set_nodelay(true)?;
            let token = tokens.next().ok_or("there is no token left")?;
            let both = Interest::READABLE | Interest::WRITABLE;
            registry.register(&mut stream, token, both)?;
            connections.insert(token, Connection::new(stream));
        }
    }
}

/// A client, the bytes that it has not taken yet, and what is known of its socket.
struct Connection {
    stream: TcpStream,
    pending: Vec<u8>,
    is_readable: bool,
    has_ended: bool,
}

impl Connection {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            pending: Vec::new(),
            is_readable: false,
            has_ended: false,
        }
    }

    fn remember(&mut self, event: &Event) {
        self.has_ended |= event.is_read_closed() || event.is_error();
        self.is_readable |= event.is_readable() || self.has_ended;
    }

    /// Reads and writes until one of them would block, and returns that error; returns at EOF. There is no budget: mio
    /// leaves that to the program.
    fn drive(&mut self, scratch: &mut [u8]) -> io::Result<()> {
        loop {
            while !self.pending.is_empty() {
                let sent = self.stream.write(&self.pending)?;
                self.pending.drain(..sent);
            }
            if !self.is_readable {
                return Err(ErrorKind::WouldBlock.into());
            }
            let read = self.stream.read(scratch);
            // A short read, too, has emptied the socket, unless the client's end is behind it.
            let received = *read.as_ref().unwrap_or(&0);
            self.is_readable = received == scratch.len() || self.has_ended;
            match read? {
                0 => return Ok(()),
                received => self.pending.extend_from_slice(&scratch[..received]),
            }
        }
    }
}
