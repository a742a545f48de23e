//! What a click costs in a small installation and in one that has been used for years.
//!
//! Three servers, each with a database of its own, take turns in the same run: one with a single desktop, one in which
//! every list fills exactly one page, and a large one with 20,000 people, 100,000 desktops, 1,000,000 runs and 100,000
//! lines in the log of a cast. A page of the large one costs what the same page costs in the second, or its goal is
//! missed. What a launch of the cast takes of the server itself is measured beside a start on the dashboard.
#![expect(
    clippy::unwrap_used,
    reason = "what does not work here leaves nothing to measure"
)]

#[path = "common/mod.rs"]
#[expect(dead_code, reason = "the other benchmarks need more of it")]
mod common;
#[path = "../tests/support/fault_proxy.rs"]
#[expect(dead_code, reason = "the tests of faults need more of it")]
mod fault_proxy;
#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests of faults need more of it")]
mod support;

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::{Context, ensure};
use futures_util::future::try_join_all;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, StatusCode, body::Bytes, client::conn::http1::SendRequest, header};
use hyper_util::rt::TokioIo;
use sqlx::PgPool;
use tokio::{net::TcpStream, time::Instant};

use common::{
    figures::{Table, judge, median},
    processes::Family,
};
use support::{
    installation::Installation,
    server::{ADMIN, Server},
};

/// Connections that ask at once.
const AT_ONCE: usize = 4;
/// How long each figure is measured for, in each round.
const LENGTH: Duration = Duration::from_secs(1);
const ROUNDS: usize = 3;
/// Of the large installation to the one with a page of everything.
const GOAL: f64 = 0.8;

/// What a launch may take of the server's processor, in milliseconds.
const LAUNCH_GOAL: f64 = 30.0;

/// How much there is.
#[derive(Clone, Copy)]
struct Size {
    name: &'static str,
    people: i32,
    /// Of the seeded types, how many each person has a desktop of.
    desktops_each: i32,
    runs: i32,
    /// Desktops that are live.
    live: i32,
    /// Lines in the log of the cast.
    log: i32,
}

const SIZES: [Size; 3] = [
    Size {
        name: "1 desktop",
        people: 1,
        desktops_each: 1,
        runs: 1,
        live: 1,
        log: 1,
    },
    Size {
        name: "one page",
        people: 250,
        desktops_each: 1,
        runs: 250,
        live: 250,
        log: 250,
    },
    Size {
        name: "100,000",
        people: 20_000,
        desktops_each: 5,
        runs: 1_000_000,
        live: 1_000,
        log: 100_000,
    },
];

/// Who asks.
#[derive(Clone, Copy)]
enum Who {
    Person,
    Admin,
}

/// What is asked again and again.
#[derive(Clone, Copy)]
struct Question {
    name: &'static str,
    who: Who,
    path: &'static str,
}

const QUESTIONS: [Question; 8] = [
    question("/", Who::Person, "/"),
    question("/session", Who::Person, "/session"),
    question("/admin", Who::Admin, "/admin"),
    question("/api/admin/containers", Who::Admin, "/api/admin/containers"),
    question("/admin/users", Who::Admin, "/admin/users"),
    question(
        "/admin/users, searched",
        Who::Admin,
        "/admin/users?q=person+00001",
    ),
    question("a start without its image", Who::Person, START),
    question("a launch of a cast, without its image", Who::Person, LAUNCH),
];

/// Its image is on no host: a start is claimed, asks the engine, and ends.
const START: &str = "/api/container/start?desktop_type=without-image";
/// Starts the same: the page is shown, and sent.
const LAUNCH: &str = "/cast/growth";

const fn question(name: &'static str, who: Who, path: &'static str) -> Question {
    Question { name, who, path }
}

impl Question {
    /// How it is asked, and the answer it should get.
    fn form(self) -> (Method, StatusCode) {
        if self.path == START {
            (Method::POST, StatusCode::CONFLICT)
        } else {
            (Method::GET, StatusCode::OK)
        }
    }

    /// What follows an answer: a cast's page is sent.
    fn then(self, answer: &str) -> anyhow::Result<Option<String>> {
        if self.path != LAUNCH {
            return Ok(None);
        }
        let ticket = answer.split_once("name=\"ticket\" value=\"");
        let (_, ticket) = ticket.context("a page without a ticket")?;
        let (ticket, _) = ticket.split_once('"').context("half a ticket")?;
        Ok(Some(format!("ticket={ticket}")))
    }
}

/// A server, and who is signed in there.
struct Place {
    server: Server,
    admin: String,
    people: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut places = Vec::new();
    for size in SIZES {
        places.push(Place::new(size).await.unwrap());
    }
    let mut table = Table::new(SIZES.iter().map(|size| size.name).chain(["ratio"]));
    let mut processor = Table::new(SIZES.iter().map(|size| size.name));
    let mut goals = Vec::new();
    let mut of_launch = f64::NAN;
    for question in QUESTIONS {
        let mut figures = vec![Vec::new(); SIZES.len()];
        let mut costs = vec![Vec::new(); SIZES.len()];
        for round in 0..=ROUNDS {
            for (at, place) in places.iter().enumerate() {
                let (rate, cost) = place.measure(question).await.unwrap();
                // The first round warms up what is remembered and prepared.
                if round > 0 {
                    figures[at].push(rate);
                    costs[at].push(cost);
                }
            }
        }
        let mut row: Vec<_> = figures.iter().map(|figures| median(figures)).collect();
        let ratio = row[2] / row[1];
        row.push(ratio);
        table.row(question.name, &row);
        goals.push((question.name, ratio));
        if [START, LAUNCH].contains(&question.path) {
            let costs: Vec<_> = costs.iter().map(|costs| median(costs)).collect();
            processor.row(question.name, &costs);
            of_launch = costs[2];
        }
    }
    table.print("Requests a second, by desktops; the ratio is that of the large installation to one page of everything");
    processor.print("Milliseconds of the server's processor for one");
    let mut all_met = of_launch <= LAUNCH_GOAL;
    judge(&format!("a launch takes at most {LAUNCH_GOAL} ms"), all_met);
    for (name, ratio) in goals {
        let met = ratio >= GOAL;
        judge(&format!("{name}: the ratio is at least {GOAL}"), met);
        all_met &= met;
    }
    if all_met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

impl Place {
    async fn new(size: Size) -> anyhow::Result<Self> {
        let installation = Installation::new().await;
        let server = Server::start_on(&installation, &[("LOG_LEVEL", "warn")]).await;
        fill(&installation.database, size).await?;
        let mut people = Vec::new();
        for number in 0..AT_ONCE {
            people.push(sign_in_as(&server, &format!("asks-{number}")).await?);
        }
        Ok(Self {
            admin: server.sign_in().await,
            people,
            server,
        })
    }

    /// Answers a second, and milliseconds of the server's processor for each.
    async fn measure(&self, question: Question) -> anyhow::Result<(f64, f64)> {
        let family = Family::of(self.server.process.id());
        let before = family.processor()?;
        let until = Instant::now() + LENGTH;
        let asking = self.people.iter().map(|person| {
            let session = match question.who {
                Who::Person => person,
                Who::Admin => &self.admin,
            };
            ask(self.server.address, session, question, until)
        });
        let answers: u32 = try_join_all(asking).await?.into_iter().sum();
        let answers = f64::from(answers);
        let cost = 1_000.0 * (family.processor()? - before) / answers;
        Ok((answers / LENGTH.as_secs_f64(), cost))
    }
}

/// Asks on one connection until the time is over; how often it was answered.
#[expect(
    clippy::disallowed_methods,
    reason = "the connection ends with its questions"
)]
async fn ask(
    at: SocketAddr,
    session: &str,
    question: Question,
    until: Instant,
) -> anyhow::Result<u32> {
    let stream = TcpStream::connect(at).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let (method, expected) = question.form();
    let mut answers = 0;
    while Instant::now() < until {
        let asked = request(at, session, question, method.clone(), String::new())?;
        let text = answer(&mut sender, asked, expected).await?;
        if let Some(form) = question.then(&text)? {
            let sent = request(at, session, question, Method::POST, form)?;
            answer(&mut sender, sent, StatusCode::SEE_OTHER).await?;
        }
        answers += 1;
    }
    connection.abort();
    Ok(answers)
}

fn request(
    at: SocketAddr,
    session: &str,
    question: Question,
    method: Method,
    form: String,
) -> anyhow::Result<Request<Full<Bytes>>> {
    let request = Request::builder()
        .method(method)
        .uri(question.path)
        .header(header::HOST, at.to_string())
        .header(header::ORIGIN, format!("http://{at}"))
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, format!("deskcast={session}"));
    Ok(request.body(Full::new(form.into()))?)
}

async fn answer(
    sender: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    expected: StatusCode,
) -> anyhow::Result<String> {
    let path = request.uri().to_string();
    sender.ready().await?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    let text = String::from_utf8_lossy(&body).into_owned();
    ensure!(status == expected, "{path}: {status} {text}");
    Ok(text)
}

/// An account with the administrator's password, which spares the hashing of another one.
async fn sign_in_as(server: &Server, name: &str) -> anyhow::Result<String> {
    sqlx::query(
        "insert into users (id, slug, username, display_name, role, password_hash)
         select gen_random_uuid(), $1, $1, $1, 'user', password_hash from users where username = $2",
    )
    .bind(name)
    .bind(ADMIN.0)
    .execute(&server.installation.database)
    .await?;
    let signed_in = server.try_sign_in((name, ADMIN.1)).await.json_with(200);
    let id = signed_in["session"]["id"].as_str();
    Ok(id.context("no session")?.to_owned())
}

/// People with desktops of several types, of which the newest are live, runs of the last hundred days, and a cast that
/// was asked for often.
async fn fill(database: &PgPool, size: Size) -> anyhow::Result<()> {
    const STATEMENTS: [&str; 6] = [
        "insert into users (id, slug, username, display_name, email)
         select gen_random_uuid(), 'person-' || n, 'person-' || n, 'Person ' || to_char(n, 'FM00000'), 'person-' || n || '@school.test'
         from generate_series(1, $1) n where $2 + $3 + $4 + $5 > 0",
        // A lease until later: no worker is missed, so the server leaves them alone.
        "insert into desktops (id, name, owner_id, type_id, state, vnc_password, lease_until, preparing_at, ready_at, ended_at)
         select gen_random_uuid(), slug || '-' || kind, id, type_id,
             (case when place <= $4 then 'starting' when place % 50 = 0 then 'failed' else 'stopped' end)::desktop_state, 'x',
             case when place <= $4 then now() + interval '1 day' end, now() - place * interval '1 minute',
             case when place > $4 then now() - place * interval '1 minute' + interval '3 seconds' end,
             case when place > $4 then now() - place * interval '30 seconds' end
         from (select u.id, u.slug, t.id type_id, t.slug kind, row_number() over (order by t.place, u.id) place
               from users u, (select *, row_number() over (order by position, slug) place from desktop_types) t
               where u.slug like 'person-%' and t.place <= $2 and $1 + $3 + $5 > 0) some_of",
        "insert into desktop_runs (user_id, type_id, desktop_id, generation, began_at, ended_at)
         select d.owner_id, d.type_id, d.id, run, now() - run * interval '9 days', now() - run * interval '9 days' + interval '1 hour'
         from desktops d, generate_series(1, greatest($3 / ($1 * $2), 1)) run where $4 + $5 > 0",
        "insert into desktop_types (id, slug, title, image)
         select gen_random_uuid(), 'without-image', 'Without an image', 'deskcast/not-there:1' where $1 + $2 + $3 + $4 + $5 > 0",
        "insert into casts (id, name, key, type_id)
         select gen_random_uuid(), 'Growth', 'growth', id from desktop_types
         where slug = 'without-image' and $1 + $2 + $3 + $4 + $5 > 0",
        "insert into cast_log (id, at, cast_id, cast_key, refusal, address)
         select gen_random_uuid(), now() - n * interval '1 minute', casts.id, casts.key,
             case when n % 5 = 0 then 'none_left' end, '198.51.100.7'
         from casts, generate_series(1, $5) n where $1 + $2 + $3 + $4 > 0",
    ];
    let mut connection = database.acquire().await?;
    sqlx::raw_sql("alter table desktops disable trigger user; set statement_timeout = 0")
        .execute(&mut *connection)
        .await?;
    for statement in STATEMENTS {
        sqlx::query(statement)
            .bind(size.people)
            .bind(size.desktops_each)
            .bind(size.runs)
            .bind(size.live)
            .bind(size.log)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::raw_sql("alter table desktops enable trigger user")
        .execute(&mut *connection)
        .await?;
    for table in [
        "vacuum analyze users",
        "vacuum analyze desktops",
        "vacuum analyze desktop_runs",
        "vacuum analyze cast_log",
    ] {
        sqlx::raw_sql(table).execute(&mut *connection).await?;
    }
    Ok(())
}
