using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Silo;

namespace HallOps.Web.Tests.Reports.Recomputed;

/// <summary>
/// Days of one hall with everything that people do there, drawn from a seed: several services on one number, people who are missed and come back, are held, passed on, step away or leave, clerks who pause,
/// take windows over, are too quick or look away, suspensions. What the rules refuse is left at that.
/// </summary>
internal sealed class BusyDays(IHalls halls, HallId hall, uint number, int seed)
{
    private static readonly string[] Services = ["s", "s", "u", "t", "t", "p", "j"];

    private readonly Random _random = new(seed);
    private readonly List<Seat> _seats = [.. Enumerable.Range(1, 4).Select(i => new Seat(new WindowId(i.ToString(CultureInfo.InvariantCulture)), i))];
    private readonly List<TicketId> _tickets = [];
    private long _arrives, _happens;

    /// <summary>The next moment at which something is done.</summary>
    public long NextAt => Math.Min(Math.Min(_arrives, _happens), _seats.Min(s => s.At));

    /// <summary>Numbers given out so far.</summary>
    public IReadOnlyList<TicketId> Tickets => _tickets;

    public void Begin(long at)
    {
        (_arrives, _happens) = (at, at);
        foreach (var seat in _seats) (seat.At, seat.Does) = (Math.Max(seat.At, at + _random.Next(0, 600_000)), seat.Does);
    }

    public async Task ActAsync()
    {
        var now = NextAt;
        if (_arrives == now)
        {
            _arrives += _random.Next(1_000, 130_000);
            await ArriveAsync();
        }
        else if (_happens == now)
        {
            _happens += _random.Next(5_000, 120_000);
            await SendAsync(Happening());
        }
        else await WorkAsync(_seats.First(s => s.At == now), now);
    }

    public async Task<HallAnswer> SendAsync(HallCommand command)
    {
        var answer = await halls.SendAsync(hall, new HallRequest(command, "test"), TestContext.Current.CancellationToken);
        Assert.True(answer.Status is AnswerStatus.Done or AnswerStatus.Refused, $"seed {seed}: {command} was {answer.Status}");
        return answer;
    }

    private async Task ArriveAsync()
    {
        var @class = Chance(20) ? new ClassId("elderly") : Chance(4) ? new ClassId("green") : (ClassId?)null;
        var answer = await SendAsync(new IssueTicket(new ServiceId(Pick(Services)), @class, Grants.Self | Grants.Guide | Grants.IdCard | Grants.Manager, 70, null, TicketSource.Kiosk, Chance(6) ? false : null, false, Chance(50) ? new TextHash(9) : null,
            Slip: _tickets.Count > 0 && Chance(25) ? Pick(_tickets) : null));
        if (answer.Reply is IssuedReply issued) _tickets.Add(issued.Id);
    }

    private HallCommand Happening()
    {
        var about = _tickets.Count == 0 ? new TicketId(number, 1) : _tickets[Math.Max(0, _tickets.Count - 1 - _random.Next(Chance(70) ? 12 : 40))];
        return _random.Next(24) switch
        {
            < 4 => new CancelTicket(about),
            < 11 => new ReturnTicket(about),
            < 13 => new StepAway(about, TimeSpan.FromMinutes(_random.Next(1, 20))),
            < 15 => new ChangeTicket(about, new ServiceId(Pick(Services[..^1]))),
            15 => new ChangeClass(about, new ClassId("elderly"), Grants.Guide | Grants.Manager, 70),
            16 => new MarkPrinted(about),
            17 when Chance(30) => new Suspend(Chance(40) ? [] : [new LineId(Pick("a", "b", "c"))], Chance(60) ? [] : [new ServiceId(Pick("s", "t"))], new TextHash(1), null),
            17 or 18 => new Resume([], []),
            19 when Chance(30) => new ChangeProfile(Pick(_seats).Window, [new ProfileLine(new LineId(Pick("a", "b", "c")), 0, 0), .. Chance(50) ? [new ProfileLine(new LineId("j"), 1, 0)] : Array.Empty<ProfileLine>()]),
            20 => new TakeOverWindow(Pick(_seats).Window, new Clerk("boss", null, true), new StaffId("w0" + _random.Next(1, 5))),
            _ => new RateTicket(about, (Grade)_random.Next(5), [], null),
        };
    }

    private async Task WorkAsync(Seat seat, long now)
    {
        var by = seat.By;
        switch (seat.Does)
        {
            case Doing.Nothing:
                seat.By = new Clerk($"c{seat.Number}", new StaffId("w0" + (Chance(80) ? seat.Number : _random.Next(1, 5))), false);
                Turn(seat, (await SendAsync(new OpenWindow(seat.Window, seat.By, null))).Status == AnswerStatus.Done ? Doing.Free : Doing.Nothing, now, 5, 120);
                break;
            case Doing.Resting:
                Turn(seat, (await SendAsync(new ResumeWindow(seat.Window, by))).Status == AnswerStatus.Done ? Doing.Free : Doing.Nothing, now, 1, 30);
                break;
            case Doing.Free when Chance(4):
                await SendAsync(new PauseWindow(seat.Window, by, (PauseReason)_random.Next(7), null));
                Turn(seat, Doing.Resting, now, 60, 1_200);
                break;
            case Doing.Free when Chance(3):
                await SendAsync(new CloseWindow(seat.Window, by));
                Turn(seat, Doing.Nothing, now, 30, 2_400);
                break;
            case Doing.Free when Chance(4):
                // Looks away, whoever waits.
                seat.At = now + _random.Next(200_000, 700_000);
                break;
            case Doing.Free:
                var called = await SendAsync(new CallNext(seat.Window, by));
                if (called.Status != AnswerStatus.Done) Turn(seat, called.Refusal!.Code == RefusalCode.WindowBusy ? Doing.Serving : Doing.Nothing, now, 5, 60);
                else if (called.Reply is NextReply { Called: not null }) Turn(seat, Doing.Called, now, 2, 60);
                else seat.At = now + _random.Next(5_000, 60_000);
                break;
            case Doing.Called:
                await AnswerAsync(seat, now);
                break;
            case Doing.Serving:
                await FinishAsync(seat, now);
                break;
        }
    }

    private async Task AnswerAsync(Seat seat, long now)
    {
        switch (_random.Next(20))
        {
            case < 13:
                await SendAsync(new StartService(seat.Window, seat.By));
                if (Chance(4)) Turn(seat, Doing.Serving, now, 2, 25);
                else Turn(seat, Doing.Serving, now, 20, 420);
                break;
            case < 15:
                await SendAsync(new Recall(seat.Window, seat.By));
                Turn(seat, Doing.Called, now, 5, 70);
                break;
            case < 18:
                await SendAsync(new MarkNoShow(seat.Window, seat.By));
                Turn(seat, Doing.Free, now, 1, 15);
                break;
            case 18:
                await SendAsync(new Transfer(seat.Window, seat.By, null, new ServiceId(Pick("s", "u", "t", "p")), null, Chance(50), Chance(30)));
                Turn(seat, Doing.Free, now, 1, 15);
                break;
            default:
                // The hall sees the start by itself, or a stage is stamped; some of those are called again, and did not begin at all.
                if (Chance(30)) await SendAsync(new MarkStage(seat.Window, seat.By, Stage.Receipt));
                Turn(seat, Chance(60) ? Doing.Serving : Doing.Called, now, 50, 200);
                break;
        }
    }

    private async Task FinishAsync(Seat seat, long now)
    {
        var outcome = (FinishOutcome)_random.Next(Chance(60) ? 3 : 9);
        HallCommand command = _random.Next(20) switch
        {
            < 8 => new Next(seat.Window, seat.By, outcome, null),
            < 14 => new FinishService(seat.Window, seat.By, outcome, outcome == FinishOutcome.ToldOnce ? new TextHash(3) : null, 1),
            < 16 => new HoldTicket(seat.Window, seat.By),
            < 19 => new Transfer(seat.Window, seat.By, null, Chance(60) ? new ServiceId(Pick("s", "u", "t", "p")) : null, null, Chance(50), Chance(50)) is { Service: not null } to
                ? to : new Transfer(seat.Window, seat.By, null, null, Pick(_seats).Window, Chance(50), Chance(50)),
            _ => new Recall(seat.Window, seat.By),
        };
        var answer = await SendAsync(command);
        if (answer.Reply is NextReply { Called: not null }) Turn(seat, Doing.Called, now, 2, 60);
        else if (command is Recall) Turn(seat, Doing.Called, now, 5, 40);
        else Turn(seat, answer.Refusal?.Code == RefusalCode.WindowNotOpen ? Doing.Nothing : Doing.Free, now, 2, 40);
    }

    private void Turn(Seat seat, Doing does, long now, int least, int most) => (seat.Does, seat.At) = (does, now + _random.Next(least * 1000, most * 1000));

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T Pick<T>(params IReadOnlyList<T> all) => all[_random.Next(all.Count)];

    private enum Doing { Nothing, Free, Resting, Called, Serving }

    private sealed class Seat(WindowId window, int number)
    {
        public WindowId Window => window;
        public int Number => number;
        public long At { get; set; }
        public Doing Does { get; set; }
        public Clerk By { get; set; } = new($"c{number}", new StaffId($"w0{number}"), false);
    }

    /// <param name="calendar">Of the document.</param>
    public static string Document(HallId hall, string region, string calendar) => $$$"""
        {
          "hall": "{{{hall}}}", "name": {"zh": "测试大厅"}, "remoteIssue": true, "region": [{"zh": "江苏省"}, {"zh": "{{{region}}}"}],
          "calling": {"minCalls": 1, "minGapSeconds": 0, "returnMinutes": 8, "rejoinAfterCalls": 2, "maxHeld": 3, "autoStartSeconds": 45, "requireOutcome": false, "slipDays": 5},
          "departments": [{"department": "ga", "name": {"zh": "公安"}}, {"department": "rs", "name": {"zh": "人社"}}],
          "classes": [{"class": "elderly", "creditMinutes": 5, "grantedBy": ["idCard", "guide"], "ageFrom": 60}, {"class": "green", "creditMinutes": 1440, "grantedBy": ["guide", "manager"]}, {"class": "returning", "creditMinutes": 3, "grantedBy": ["slip"]}],
          "zones": [{"zone": "main", "name": {"zh": "一号区"}}],
          "lines": [{"line": "a", "prefix": "A", "name": {"zh": "综合"}, "targetMinutes": 4}, {"line": "b", "prefix": "B", "name": {"zh": "社保"}}, {"line": "c", "prefix": "C", "name": {"zh": "缴费"}, "targetMinutes": 2}, {"line": "j", "prefix": "J", "name": {"zh": "联办"}}],
          "services": [{"service": "s", "name": {"zh": "咨询"}, "line": "a", "kind": "immediate", "department": "ga", "expectedMinutes": 4},
                       {"service": "u", "name": {"zh": "居住证"}, "line": "a", "kind": "promised", "department": "ga", "promisedDays": 4, "statutoryDays": 15, "expectedMinutes": 5},
                       {"service": "t", "name": {"zh": "低保"}, "line": "b", "kind": "promised", "department": "rs", "promisedDays": 10, "statutoryDays": 20, "expectedMinutes": 5},
                       {"service": "p", "name": {"zh": "缴费"}, "line": "c", "kind": "immediate", "expectedMinutes": 2},
                       {"service": "j", "name": {"zh": "新生儿"}, "line": "j", "kind": "joint", "department": "rs", "legs": [{"service": "s"}, {"service": "t"}, {"service": "p", "after": ["s"]}]}],
          "windows": [{"window": "1", "kind": "comprehensive", "zone": "main", "profile": [{"line": "a"}]},
                      {"window": "2", "kind": "comprehensive", "zone": "main", "profile": [{"line": "b"}, {"line": "a", "afterMinutes": 3}]},
                      {"window": "3", "kind": "comprehensive", "zone": "main", "profile": [{"line": "c"}, {"line": "b"}]},
                      {"window": "4", "kind": "comprehensive", "zone": "main", "profile": [{"line": "a"}, {"line": "c"}]}],
          "staff": [{"staff": "w01", "name": "01"}, {"staff": "w02", "name": "02", "lines": ["b"], "services": ["s"]}, {"staff": "w03", "name": "03", "services": ["p", "t"]}, {"staff": "w04", "name": "04"}],
          "admission": "off",
          "calendar": {{{calendar}}}
        }
        """;
}
