using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Load.Halls;
using HallOps.Load.Measuring;

namespace HallOps.Load.Engine;

/// <summary>
/// The pure cost of a call with so many waiting: one hall, every priority class, lines of several weights, windows that help after minutes, both fairness bounds on. Each call is followed by
/// start, finish and a new number, so that as many wait at the next one.
/// </summary>
internal sealed class CallCost
{
    private static readonly string[] Classes = ["normal", "normal", "normal", "normal", "elderly", "elderly", "disabled", "pregnant", "veteran", "returning"];

    // 9 and 10 share two lines, 1 and 5 two others, so that calls overtake across lines too.
    private static readonly (string Window, string[] Lines)[] Windows = [("9", ["labour", "medical"]), ("11", ["medical", "labour"]), ("1", ["livelihood", "other"]), ("5", ["other", "livelihood"])];

    private readonly HallState _state = new();
    private readonly Random _random = new(7);
    private readonly Clerk[] _clerks = [.. Windows.Select(w => new Clerk("clerk-" + w.Window, null, true))];
    private readonly (ServiceId Service, string Line)[] _services;
    private readonly Dictionary<ServiceId, ServiceId[]> _sameLine;
    private Instant _now = Instant.From(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8)));
    private int _next;

    public CallCost(int waiting)
    {
        var document = Town.Document(new(string.Create(CultureInfo.InvariantCulture, $"calls-{waiting}")), change: json =>
        {
            json["maxWaiting"] = 20_000;
            foreach (var line in json["lines"]!.AsArray().OfType<JsonObject>()) line["weight"] = (string?)line["line"] switch { "medical" => 1.5, "other" => 0.8, _ => 1.0 };
            foreach (var @class in json["classes"]!.AsArray().OfType<JsonObject>())
                if ((string?)@class["class"] is "disabled" or "pregnant") @class["weight"] = 1.3;
        });
        var lines = Windows.SelectMany(w => w.Lines).ToHashSet();
        _services = [.. document.Settings.Services.Where(s => lines.Contains(s.Line.Value)).Select(s => (s.Service, s.Line.Value))];
        _sameLine = _services.ToDictionary(s => s.Service, s => _services.Where(o => o.Line == s.Line).Select(o => o.Service).ToArray());
        Take(new ConfigureHall(1, document));
        for (var i = 0; i < Windows.Length; i++) Take(new OpenWindow(new(Windows[i].Window), _clerks[i], null));
        for (var i = 0; i < waiting; i++)
        {
            _now += TimeSpan.FromMilliseconds(900);
            Issue(_services[_random.Next(_services.Length)].Service);
        }
        Waiting = waiting;
    }

    public int Waiting { get; }

    /// <summary>Calls that overtook, and calls that a bound turned into the first in plain order.</summary>
    public (int Class, int Protected, int All) Reasons { get; private set; }

    /// <summary>
    /// Time of <see cref="Hall.Decide"/> and <see cref="Hall.Evolve"/> of a call, in nanoseconds: the median over blocks of 50 calls of each block's mean, so that dear and cheap calls count as
    /// often as they come, and a pause of the collector or of the machine does not count as a call's.
    /// </summary>
    public double Run(int calls)
    {
        const int Block = 50;
        var blocks = new List<double>(calls / Block);
        var ticks = 0L;
        for (var i = 1; i <= calls; i++)
        {
            _now += TimeSpan.FromMilliseconds(900);
            var at = _next++ % Windows.Length;
            var window = new WindowId(Windows[at].Window);
            var call = new CallNext(window, _clerks[at]);
            var began = Stopwatch.GetTimestamp();
            var decision = Hall.Decide(_state, call, _now);
            Hall.Evolve(_state, decision.Events[0], _now, _state.Sequence + 1);
            ticks += Stopwatch.GetTimestamp() - began;
            var called = (TicketCalled)decision.Events[0];
            Reasons = (Reasons.Class + (called.Reason == CallReason.Class ? 1 : 0), Reasons.Protected + (called.Reason == CallReason.Protected ? 1 : 0), Reasons.All + 1);
            Take(new StartService(window, _clerks[at]));
            Take(new FinishService(window, _clerks[at], FinishOutcome.Done, null, 1));
            // The next one comes for the line that lost one, so that no line runs dry beside one that grows.
            var same = _sameLine[_state.Find(new TicketId(1, called.Ticket))!.Leg.Service];
            Issue(same[_random.Next(same.Length)]);
            if (i % Block != 0) continue;
            blocks.Add(ticks * 1e9 / Stopwatch.Frequency / Block);
            ticks = 0;
        }
        return Pairs.Median(blocks);
    }

    private void Issue(ServiceId service) => Take(new IssueTicket(service, new ClassId(Classes[_random.Next(Classes.Length)]),
        Grants.Self | Grants.IdCard | Grants.Guide | Grants.Slip, 70, null, TicketSource.Guide, null, false, null));

    private void Take(HallCommand command)
    {
        var decision = Hall.Decide(_state, command, _now);
        if (decision.Refusal is { } refusal) throw new InvalidOperationException($"{command}: {refusal.Code}");
        foreach (var @event in decision.Events) Hall.Evolve(_state, @event, _now, _state.Sequence + 1);
    }
}
