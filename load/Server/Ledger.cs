using System.Collections.Concurrent;
using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Load.Server;

/// <summary>A step that the server acknowledged. Times are of one monotonic clock: it was asked for after <paramref name="Sent"/> and done before <paramref name="Acknowledged"/>.</summary>
/// <param name="Subject">The ticket's id; of a window's own steps, its id.</param>
internal sealed record Step(string Hall, Type Event, string Subject, long Sent, long Acknowledged);

/// <summary>
/// What was acknowledged, held against the journal once the server is stopped: every step is there, none twice, none in another order, nothing there that nobody was told of, and no hole in any
/// sequence. Safe from any thread.
/// </summary>
internal sealed class Ledger
{
    private static readonly Type[] Kept =
    [
        typeof(TicketIssued), typeof(TicketPrinted), typeof(TicketCalled), typeof(TicketRecalled), typeof(ServiceStarted), typeof(ServiceFinished), typeof(TicketMissed), typeof(TicketReturned), typeof(TicketCancelled),
        typeof(ServiceRated), typeof(WindowOpened), typeof(WindowClosed), typeof(WindowPaused), typeof(WindowResumed),
    ];

    private readonly ConcurrentQueue<Step> _steps = [];
    private readonly ConcurrentDictionary<(string Hall, string Ticket), string> _numbers = [];

    public int Count => _steps.Count;

    /// <summary>Where the acknowledged steps stand in the journal, as far as they agree: known after <see cref="Check(IReadOnlyList{HallStory})"/>.</summary>
    public IReadOnlyList<(Step Step, long Sequence)> Placed => _placed;

    private readonly List<(Step Step, long Sequence)> _placed = [];

    public void Add(Step step) => _steps.Enqueue(step);

    /// <summary>The number that a ticket's holder was told.</summary>
    public void Told(string hall, string ticket, string number) => _numbers[(hall, ticket)] = number;

    /// <summary>Everything that does not agree, a sentence each; empty where all does.</summary>
    public IReadOnlyList<string> Check(IReadOnlyList<HallStory> stories)
    {
        var wrong = new List<string>();
        foreach (var story in stories) Check(story, wrong);
        foreach (var hall in _steps.Select(s => s.Hall).Distinct().Except(stories.Select(s => s.Hall))) wrong.Add($"{hall}: it was answered, and the journal does not know it.");
        return wrong;
    }

    private void Check(HallStory story, List<string> wrong)
    {
        var acknowledged = _steps.Where(s => s.Hall == story.Hall).GroupBy(s => (s.Event, s.Subject)).ToDictionary(g => g.Key, g => g.OrderBy(s => s.Acknowledged).ToList());
        var recorded = story.Events.Where(e => Kept.Contains(e.Event.GetType()) && e.Event is not ServiceStarted { How: StartKind.Time }).GroupBy(e => (e.Event.GetType(), e.Subject)).ToDictionary(g => g.Key, g => g.ToList());
        var placed = new List<(Step Step, long Sequence)>();
        foreach (var key in acknowledged.Keys.Union(recorded.Keys))
        {
            var (told, there) = (acknowledged.GetValueOrDefault(key) ?? [], recorded.GetValueOrDefault(key) ?? []);
            if (told.Count != there.Count)
                wrong.Add($"{story.Hall}: {key.Item1.Name} of {key.Item2} was acknowledged {told.Count} times and stands in the journal {there.Count} times.");
            else
                placed.AddRange(told.Zip(there, static (step, e) => (step, e.Sequence)));
        }
        _placed.AddRange(placed);
        foreach (var (step, _) in placed.Where(p => p.Step.Event == typeof(TicketIssued)))
            if (_numbers.TryGetValue((story.Hall, step.Subject), out var number) && story.Events.First(e => e.Subject == step.Subject).Event is TicketIssued issued && issued.Number != number)
                wrong.Add($"{story.Hall}: the holder of {step.Subject} was told {number}, the journal says {issued.Number}.");
        foreach (var twice in story.Events.Select(e => e.Event).OfType<TicketIssued>().GroupBy(e => e.Number).Where(g => g.Count() > 1)) wrong.Add($"{story.Hall}: number {twice.Key} was given {twice.Count()} times.");
        foreach (var of in placed.GroupBy(p => p.Step.Subject))
        {
            // A step asked for after another one was acknowledged stands after it. Two under way at once may stand in either order.
            var ordered = of.OrderBy(p => p.Sequence).ToList();
            for (var i = 1; i < ordered.Count; i++)
                if (ordered[i].Step.Acknowledged < ordered[i - 1].Step.Sent)
                    wrong.Add($"{story.Hall}: {ordered[i].Step.Event.Name} of {of.Key} was acknowledged before {ordered[i - 1].Step.Event.Name} was asked for, and stands after it in the journal.");
        }
    }
}

/// <summary>An event as it stands in the journal.</summary>
/// <param name="Subject">The ticket's id; of a window's own events, the window's.</param>
internal sealed record Recorded(long Sequence, Instant At, HallEvent Event, string Subject);

/// <summary>A hall's whole history, read from the store of a server that has stopped.</summary>
internal sealed record HallStory(string Hall, uint Number, IReadOnlyList<Recorded> Events)
{
    /// <exception cref="InvalidOperationException">A sequence with a hole, or one that comes twice.</exception>
    public static async Task<IReadOnlyList<HallStory>> ReadAsync(string data)
    {
        await using var journal = SqliteJournal.Open(data);
        return await ReadAsync(journal);
    }

    /// <inheritdoc cref="ReadAsync(string)"/>
    public static async Task<IReadOnlyList<HallStory>> ReadAsync(IJournal journal)
    {
        var stories = new List<HallStory>();
        foreach (var hall in await journal.HallsAsync())
        {
            var events = new List<Recorded>();
            await foreach (var page in journal.ReadFromAsync(hall.Number, 0))
            {
                foreach (var record in page)
                {
                    if (record.Sequence != events.Count + 1) throw new InvalidOperationException($"{hall.Hall}: record {record.Sequence} follows {events.Count}.");
                    var @event = EventCodec.Read(record.Type, record.Version, record.Payload.Span);
                    events.Add(new(record.Sequence, new Instant(record.At), @event, SubjectOf(hall.Number, @event)));
                }
            }
            if (events.Count != hall.Head.Sequence) throw new InvalidOperationException($"{hall.Hall}: {events.Count} records were read, its head is {hall.Head.Sequence}.");
            stories.Add(new(hall.Hall.Value, hall.Number, events));
        }
        return stories;
    }

    private static string SubjectOf(uint hall, HallEvent @event)
    {
        string Ticket(long ordinal) => string.Create(CultureInfo.InvariantCulture, $"{hall}-{ordinal}");
        return @event switch
        {
            TicketIssued e => Ticket(e.Ticket),
            TicketPrinted e => Ticket(e.Ticket),
            TicketCalled e => Ticket(e.Ticket),
            TicketRecalled e => Ticket(e.Ticket),
            ServiceStarted e => Ticket(e.Ticket),
            ServiceFinished e => Ticket(e.Ticket),
            TicketMissed e => Ticket(e.Ticket),
            TicketReturned e => Ticket(e.Ticket),
            TicketCancelled e => Ticket(e.Ticket),
            TicketExpired e => Ticket(e.Ticket),
            ServiceRated e => Ticket(e.Ticket),
            WindowOpened e => e.Window.Value,
            WindowClosed e => e.Window.Value,
            WindowPaused e => e.Window.Value,
            WindowResumed e => e.Window.Value,
            _ => "",
        };
    }
}
