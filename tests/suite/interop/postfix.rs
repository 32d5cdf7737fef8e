//! A Postfix of its own: configuration, queue and log in a folder, without anything of the system's but the programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::program::{Running, find, free_port, run};
use super::{certificate, scratch};
use crate::files;

/// A Postfix that runs until this is dropped.
#[derive(Debug)]
pub(super) struct Postfix {
    folder: PathBuf,
    port: u16,
    master: Option<Running>,
}

/// The services that it needs here; none of them runs in a jail of files that only the system's Postfix has. The queue manager
/// is woken every second, not every five minutes: now and then it comes back to a message before whoever delivered it has let
/// go of it, and puts it back to what has just come in.
const SERVICES: &str = "\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

impl Postfix {
    /// Starts one in an empty folder of this name, with these settings besides the usual ones. It listens at a free port and
    /// takes mail for everybody below `test`.
    pub(super) fn start(name: &str, settings: &str) -> Result<Self, String> {
        let folder = scratch(name);
        let port = free_port();
        write_configuration(&folder, port, settings).map_err(|error| error.to_string())?;
        certificate(&folder)?;
        let mut postfix = Self { folder, port, master: None };
        run(Command::new("chown").arg("postfix").arg(postfix.folder.join("data")))?.well()?;
        let log = postfix.folder.join("master.log");
        let started = Running::start(postfix.command("postfix")?.arg("start-fg"), &log)?.listening_at(port);
        postfix.master = Some(started.map_err(|error| format!("{error}\n{}", files::text(&log)))?);
        Ok(postfix)
    }

    /// Where it takes mail.
    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// What it has logged so far.
    pub(super) fn log(&self) -> String {
        fs::read(self.folder.join("log"))
            .map(|log| String::from_utf8_lossy(&log).into_owned())
            .unwrap_or_default()
    }

    /// The queue files in one of its queues.
    pub(super) fn queued(&self, queue: &str) -> Result<Vec<String>, String> {
        let folder = self.folder.join("queue").join(queue);
        let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
    }

    /// A program of Postfix, told where the configuration is.
    pub(super) fn command(&self, program: &str) -> Result<Command, String> {
        let mut command = Command::new(find(program).ok_or("it was there a moment ago")?);
        command.arg("-c").arg(self.folder.join("etc"));
        Ok(command)
    }

    /// Ends it in good order.
    pub(super) fn stop(&mut self) -> Result<(), String> {
        run(self.command("postfix")?.arg("stop"))?.well()?;
        self.master.take().map_or(Ok(()), Running::ended)
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if self.master.is_some() {
            // Its master would leave its services behind if it were killed.
            let _ = self.command("postfix").map(|mut command| run(command.arg("abort")));
        }
    }
}

fn write_configuration(folder: &Path, port: u16, settings: &str) -> std::io::Result<()> {
    let (etc, here) = (folder.join("etc"), folder.display());
    for name in ["etc", "queue", "data"] {
        fs::create_dir_all(folder.join(name))?;
    }
    let usual = format!(
        "compatibility_level = 3.6
queue_directory = {here}/queue
data_directory = {here}/data
maillog_file_prefixes = {here}
maillog_file = {here}/log
myhostname = mta.test
mydestination =
relay_domains = test
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
smtp_dns_support_level = disabled
smtpd_tls_security_level = may
smtpd_tls_cert_file = {here}/certificate.pem
smtpd_tls_key_file = {here}/key.pem
smtpd_tls_received_header = yes
"
    );
    fs::write(etc.join("main.cf"), usual + settings)?;
    fs::write(etc.join("master.cf"), format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}"))
}
