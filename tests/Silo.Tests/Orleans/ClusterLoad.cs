using System.Collections.Concurrent;
using System.Text;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using HallOps.Silo.Tests.Engine;

namespace HallOps.Silo.Tests.Orleans;

/// <summary>
/// Clerks at windows of several halls, each issuing a number and pressing "next", under keys, and again under the same key until it is known what became of it. What they were told is kept, and held
/// against the journal in the end.
/// </summary>
internal sealed class ClusterLoad : IAsyncDisposable
{
    private const int HallCount = 8;

    private readonly IHalls _halls;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<(HallId Hall, UInt128 Key, HallReply Reply)> _told = [];
    private readonly ConcurrentDictionary<HallId, RecordingSink> _screens = new();
    private readonly List<Task> _clerks = [];
    private readonly Lock _gate = new();
    private readonly Dictionary<HallId, (long Last, TimeSpan Longest)> _pauses = [];
    private readonly HashSet<HallId> _answered = [];
    private int _done;
    private int _again;

    private readonly Func<Task<IJournal>> _journal;

    /// <param name="journal">Opens what the silos write, to say what stands there when something is wrong.</param>
    private ClusterLoad(IHalls halls, Func<Task<IJournal>> journal) => (_halls, _journal) = (halls, journal);

    public int Done => _done;

    /// <summary>Answers that were no outcome, each asked again.</summary>
    public int Again => _again;

    public static HallId[] Halls { get; } = [.. Enumerable.Range(1, HallCount).Select(i => new HallId($"hall-{i}"))];

    /// <summary>The longest time that a hall answered nothing to any of its clerks, since the last call of <see cref="Mark"/>.</summary>
    public TimeSpan LongestPause
    {
        get
        {
            lock (_gate) return _pauses.Values.Max(p => p.Longest);
        }
    }

    public static async Task<ClusterLoad> BeginAsync(IHalls halls, Func<Task<IJournal>> journal)
    {
        var load = new ClusterLoad(halls, journal);
        var document = Encoding.UTF8.GetString(SampleHalls.AlwaysOpen("rudong-town").Unpack());
        foreach (var hall in Halls)
        {
            var own = PackedDocument.Pack(Encoding.UTF8.GetBytes(document.Replace("\"rudong-town\"", $"\"{hall}\"", StringComparison.Ordinal)));
            await load.Ask(hall, new ConfigureHall(0, own));
            load._screens[hall] = new RecordingSink();
            Assert.NotNull(await halls.WatchAsync(new Topic(TopicKind.Hall, hall), load._screens[hall], TestContext.Current.CancellationToken));
        }
        load.Mark();
        foreach (var hall in Halls)
            foreach (var window in new[] { "1", "2" })
                load._clerks.Add(Task.Run(() => load.Work(hall, new WindowId(window))));
        return load;
    }

    /// <summary>From here on pauses are measured: of a hall that answers nobody, from now.</summary>
    public void Mark()
    {
        lock (_gate)
        {
            var now = TimeProvider.System.GetTimestamp();
            _answered.Clear();
            foreach (var hall in Halls) _pauses[hall] = (now, TimeSpan.Zero);
        }
    }

    /// <summary>Until so many more commands have come to an end, of every hall some.</summary>
    public async Task MoreAsync(int commands, TimeSpan within)
    {
        var (began, from) = (TimeProvider.System.GetTimestamp(), _done);
        lock (_gate) _answered.Clear();
        while (true)
        {
            lock (_gate)
                if (_done - from >= commands && _answered.Count == HallCount) return;
            foreach (var clerk in _clerks)
                if (clerk.IsFaulted) await clerk;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < within, $"{_done - from} commands in {within}; halls that answered: {string.Join(' ', _answered)}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lets the clerks finish and holds what they were told against the journal: I1 to I5.</summary>
    public async Task CheckAsync(IJournal journal)
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clerks).WaitAsync(TimeSpan.FromSeconds(60));
        foreach (var entry in await journal.HallsAsync())
        {
            var keys = new Dictionary<UInt128, List<HallEvent>>();
            var numbers = new HashSet<string>();
            var state = new HallState();
            List<HallEvent> command = [];
            await foreach (var page in journal.ReadFromAsync(entry.Number, 0))
                foreach (var record in page)
                {
                    Assert.Equal(state.Sequence + 1, record.Sequence);
                    var @event = EventCodec.Read(record.Type, record.Version, record.Payload.Span);
                    if (record.StartsCommand) command = [];
                    command.Add(@event);
                    if (record.CommandId != UInt128.Zero) Assert.True(keys.TryAdd(record.CommandId, command), $"I4: {entry.Hall} has key {record.CommandId} twice, again at {record.Sequence}");
                    Hall.Evolve(state, @event, new Instant(record.At), record.Sequence);
                    if (@event is TicketIssued issued) Assert.True(numbers.Add($"{state.Day}/{issued.Line}/{state.Find(new TicketId(entry.Number, issued.Ticket))!.Number}"), $"I1: {entry.Hall} gave a number twice at {record.Sequence}");
                    var present = state.Windows.Values.Where(w => w.Present is not null).Select(w => w.Present!.Id).ToList();
                    Assert.True(present.Distinct().Count() == present.Count, $"I3: {entry.Hall} has a ticket at two windows at {record.Sequence}");
                }
            foreach (var (_, key, reply) in _told.Where(t => t.Hall == entry.Hall))
            {
                Assert.True(keys.TryGetValue(key, out var stored), $"I2: {entry.Hall} has lost {reply}");
                if (reply is IssuedReply issued) Assert.Equal(issued.Id.Ordinal, Assert.IsType<TicketIssued>(stored[0]).Ticket);
                if (reply is NextReply { Called: { } called }) Assert.Contains(stored, e => e is TicketCalled c && c.Ticket == called.Id.Ordinal);
            }
            var screen = _screens[entry.Hall];
            for (var began = TimeProvider.System.GetTimestamp(); screen.InStep() < state.Sequence && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(15);) await Task.Delay(50);
            Assert.Equal(state.Sequence, screen.InStep());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clerks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task Work(HallId hall, WindowId window)
    {
        var clerk = new Clerk("clerk-" + window, null, false);
        var service = SampleHalls.AlwaysOpen("rudong-town").Settings.Services.First(s => s.Line.Value == "livelihood").Service;
        await Ask(hall, new OpenWindow(window, clerk, null));
        for (var round = 0; !_stop.IsCancellationRequested; round++)
        {
            var key = Key();
            var issued = await Ask(hall, new IssueTicket(service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null), key);
            // I4, to the letter: the same key gives the same ticket.
            if (round % 10 == 0) Assert.Equal(issued, await Ask(hall, new IssueTicket(service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null), key));
            if (await Ask(hall, new Next(window, clerk, null, null), Key()) is NextReply { Called: not null }) await Ask(hall, new StartService(window, clerk), Key(), RefusalCode.AlreadyStarted);
        }
    }

    private static UInt128 Key() => BitConverter.ToUInt128(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)) | 1;

    /// <param name="byTime">An outcome too: a hall that nobody reached for a while has gone on by its rules, and begins a service by itself.</param>
    private async Task<HallReply?> Ask(HallId hall, HallCommand command, UInt128 key = default, RefusalCode? byTime = null)
    {
        if (key == UInt128.Zero) key = Key();
        for (var began = TimeProvider.System.GetTimestamp(); ; Interlocked.Increment(ref _again))
        {
            var answer = await _halls.SendAsync(hall, new HallRequest(command, "clerk", key, 1));
            if (answer.Status is AnswerStatus.Done || (byTime is not null && answer.Refusal?.Code == byTime))
            {
                Interlocked.Increment(ref _done);
                Passed(hall);
                if (answer.Reply is { } reply && reply is not NextReply { Finished: null, Called: null }) _told.Add((hall, key, reply));
                return answer.Reply;
            }
            if (answer.Status is not (AnswerStatus.NotRecorded or AnswerStatus.OutcomeUnknown or AnswerStatus.JournalUnavailable))
                Assert.Fail($"{hall}: {command}, key {key:x}, was answered {answer}; the journal ends with {await LastAsync(hall)}");
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(120), $"{hall}: {command} has no outcome after 120 s, {answer.Status}");
            await Task.Delay(50);
        }
    }

    private async Task<string> LastAsync(HallId hall)
    {
        await using var journal = await _journal();
        var number = (await journal.HallsAsync()).Single(h => h.Hall == hall).Number;
        var last = new Queue<string>();
        await foreach (var page in journal.ReadFromAsync(number, 0))
            foreach (var record in page)
            {
                last.Enqueue($"{record.Sequence} of epoch {record.Epoch:x} at {record.At}, key {record.CommandId:x}: {EventCodec.Read(record.Type, record.Version, record.Payload.Span)}");
                if (last.Count > 12) last.Dequeue();
            }
        return string.Join(Environment.NewLine, last);
    }

    private void Passed(HallId hall)
    {
        lock (_gate)
        {
            _answered.Add(hall);
            var now = TimeProvider.System.GetTimestamp();
            var (last, longest) = _pauses.GetValueOrDefault(hall, (now, TimeSpan.Zero));
            var pause = TimeProvider.System.GetElapsedTime(last, now);
            _pauses[hall] = (now, pause > longest ? pause : longest);
        }
    }
}
