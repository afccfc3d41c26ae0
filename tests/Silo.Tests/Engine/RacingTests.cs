using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Core.Tests.Halls;
using HallOps.Silo.Embedded;
using HallOps.Silo.Journal;
using HallOps.Silo.Tests.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Silo.Tests.Engine;

/// <summary>
/// F13 on the real engine: clerks, kiosks, guides and managers who press at the same time. Ordered by the sequence in its answers, the naive hall gives every answer; and that order is not
/// against real time: what was answered before something else was asked comes before it. <c>HALLOPS_RACES</c> sets the number of schedules, <c>HALLOPS_RACE_SEED</c> the first seed.
/// </summary>
public sealed class RacingTests
{
    /// <summary>Schedules one after the other in one hall: each begins from what the one before left.</summary>
    private const int SchedulesAHall = 20;

    /// <summary>Commands that race in one schedule, and those before it one by one.</summary>
    private const int Racing = 10, Before = 6;

    private static readonly DateTimeOffset Morning = new(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8));

    private readonly Dictionary<string, int> _seen = [];

    [Fact]
    public async Task F13_AThousandSchedulesOfRacingCommands_AreOneAfterTheOther()
    {
        var schedules = FromEnvironment("HALLOPS_RACES", 1000);
        var first = FromEnvironment("HALLOPS_RACE_SEED", 1);
        var time = new ManualTimeProvider(Morning);
        var journal = new MemoryJournal();
        await using var halls = await EmbeddedHalls.OpenAsync(journal, new HallClock(time), EngineOptions.Default, NullLogger.Instance, cancel: TestContext.Current.CancellationToken);
        for (var seed = first; seed < first + schedules / SchedulesAHall; seed++)
        {
            try
            {
                await new Race(halls, journal, time, seed, _seen).RunAsync();
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e.Message}\n{e.StackTrace}");
            }
        }
        // They are worth something only if they meet: refused because another was quicker, and most kinds of what happens.
        if (schedules < 500) return;
        foreach (var word in (string[])["WindowBusy", "WrongState", "AlreadyWaiting", "NothingCalled", "TicketCalled", "TicketHeld", "TicketTransferred", "TicketAway", "TicketBack", "overlapped"])
            Assert.True(_seen.GetValueOrDefault(word) > schedules / 100, $"{word}: {_seen.GetValueOrDefault(word)} in {schedules} schedules");
    }

    private static int FromEnvironment(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var n) ? n : otherwise;

    private sealed class Race(IHalls halls, MemoryJournal journal, ManualTimeProvider time, int seed, Dictionary<string, int> seen)
    {
        private readonly RandomHall _random = new(seed);
        private readonly HallId _hall = new($"race-{seed}");
        private NaiveHall _naive = null!;
        private Instant _now;
        private uint _number;
        private int _clock;

        private sealed record Pressed(HallCommand Command, string Actor)
        {
            public int Asked { get; set; }
            public int Answered { get; set; }
            public HallAnswer Answer { get; set; } = HallAnswer.Failed(AnswerStatus.NotRecorded);
            public bool Changed { get; set; }
        }

        public async Task RunAsync()
        {
            // Time stands still here: what a calendar does is none of these races.
            var spec = _random.Draw() with { Sessions = null };
            _now = Instant.From(time.GetUtcNow());
            _naive = new NaiveHall(spec, _now);
            var document = PackedDocument.Pack(HallDocument.Minify(System.Text.Encoding.UTF8.GetBytes(RandomHall.Document(spec).Replace("\"hall\":\"random\"", $"\"hall\":\"{_hall}\"", StringComparison.Ordinal))));
            _number = ((ConfiguredReply)(await halls.SendAsync(_hall, new HallRequest(new ConfigureHall(0, document), "race"))).Reply!).Number;
            _naive.Number = _number;
            for (var schedule = 0; schedule < SchedulesAHall; schedule++)
            {
                for (var i = 0; i < Before; i++)
                {
                    var alone = new Pressed(Draw(), "alone");
                    await PressAsync(alone);
                    await FollowAsync([alone]);
                }
                // All drawn from the same moment: two clerks see the same person wait.
                var racing = Enumerable.Range(0, Racing).Select(i => new Pressed(Draw(), string.Create(CultureInfo.InvariantCulture, $"p{i}"))).ToArray();
                using (var start = new ManualResetEventSlim())
                {
                    var running = racing.Select(p => Task.Run(() =>
                    {
                        start.Wait();
                        return PressAsync(p);
                    })).ToArray();
                    start.Set();
                    await Task.WhenAll(running);
                }
                await FollowAsync(racing);
            }
        }

        // The naive hall's tickets are of hall 7.
        private HallCommand Draw() => _random.Command(_naive) switch
        {
            Poke => new IssueTicket(new ServiceId(_naive.Spec.Services[0].Id), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null),
            // In time that stands still nothing becomes later.
            PostNotice c => c with { Until = _now + TimeSpan.FromHours(1) },
            var other => Renumber(other),
        };

        private HallCommand Renumber(HallCommand command) => command switch
        {
            // What was of another hall still is.
            IssueTicket { Slip: { } slip } c => c with { Slip = slip.Hall == 7 ? Own(slip) : new TicketId(_number + 1, slip.Ordinal) },
            MarkPrinted c => c with { Ticket = Own(c.Ticket) },
            CancelTicket c => c with { Ticket = Own(c.Ticket) },
            ChangeTicket c => c with { Ticket = Own(c.Ticket) },
            ChangeClass c => c with { Ticket = Own(c.Ticket) },
            ReturnTicket c => c with { Ticket = Own(c.Ticket) },
            StepAway c => c with { Ticket = Own(c.Ticket) },
            RateTicket c => c with { Ticket = Own(c.Ticket) },
            RateAtWindow c => c with { Ticket = Own(c.Ticket) },
            _ => command,
        };

        private TicketId Own(TicketId ticket) => new(_number, ticket.Ordinal);

        private async Task PressAsync(Pressed pressed)
        {
            pressed.Asked = Interlocked.Increment(ref _clock);
            pressed.Answer = await halls.SendAsync(_hall, new HallRequest(pressed.Command, pressed.Actor));
            pressed.Answered = Interlocked.Increment(ref _clock);
        }

        /// <summary>Does on the naive hall, in the order the answers name, what was answered.</summary>
        private async Task FollowAsync(Pressed[] pressed)
        {
            var before = _naive.Sequence;
            await foreach (var page in journal.ReadFromAsync(_number, before))
                foreach (var record in page)
                    if (record.StartsCommand) pressed.Single(p => p.Actor == record.Actor).Changed = true;
            // One that changed something is answered with the sequence of its last event; what changed nothing was decided after the event it names.
            var order = pressed.OrderBy(p => p.Answer.Sequence).ThenBy(p => p.Changed ? 0 : 1).ThenBy(p => p.Asked).ToList();
            for (var i = 0; i < order.Count; i++)
                for (var j = i + 1; j < order.Count; j++)
                {
                    if (order[i].Answer.Sequence != order[j].Answer.Sequence) Hold(order[i].Asked < order[j].Answered, $"{order[i].Command} was asked after {order[j].Command} was answered, and comes before it");
                    if (order[i].Answered > order[j].Asked && order[j].Answered > order[i].Asked) Count("overlapped");
                }
            foreach (var p in order)
            {
                var (events, code, _) = _naive.Do(p.Command, _now);
                Hold(p.Answer.Status == (code is null ? AnswerStatus.Done : AnswerStatus.Refused) && p.Answer.Refusal?.Code == code,
                    $"{p.Command}: the naive hall says {code?.ToString() ?? "yes"}, the engine {p.Answer.Status} {p.Answer.Refusal?.Code}, after {before}");
                Hold(p.Changed == (events.Count > 0), $"{p.Command}: the naive hall has {events.Count} events, the journal {(p.Changed ? "some" : "none")}");
                Hold(p.Answer.Sequence == _naive.Sequence, $"{p.Command} came to {p.Answer.Sequence}, the naive hall is at {_naive.Sequence}");
                foreach (var e in events)
                {
                    Count(e.GetType().Name);
                    // Who was called is who the rules say.
                    if (e is TicketCalled called) Hold(p.Answer.Reply is NextReply { Called.Id: var id } && id == Own(new TicketId(7, called.Ticket)), $"{p.Command} called {p.Answer.Reply}, the naive hall {called}");
                    if (e is TicketIssued issued) Hold(((p.Answer.Reply as CheckedInReply)?.Issued ?? p.Answer.Reply) is IssuedReply { Number: var number, Ahead: var ahead } && number == issued.Number && ahead == issued.Ahead, $"{p.Command} gave {p.Answer.Reply}, the naive hall {issued}");
                }
                if (code is { } no) Count(no.ToString());
            }
        }

        private void Count(string word) => seen[word] = seen.GetValueOrDefault(word) + 1;

        private static void Hold(bool holds, string otherwise)
        {
            if (!holds) throw new InvalidOperationException(otherwise);
        }
    }
}
