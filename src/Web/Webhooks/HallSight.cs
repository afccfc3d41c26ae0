using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Web.Webhooks;

/// <summary>Something to tell, ready to be sent.</summary>
/// <param name="Subject">Deliveries of one subject are sent in order: a ticket's, or the hall's own.</param>
/// <param name="Id">Stable: the same event of the journal always makes the same one.</param>
/// <param name="At">When it happened, on the hall's clock.</param>
/// <param name="Near">Of <see cref="WebhookEvent.TicketNear"/> alone.</param>
internal sealed record WebhookFact(WebhookEvent Event, HallId Hall, string Subject, string Id, string Body, Instant At, NearLeg? Near = null);

/// <param name="Leg">The sequence of the leg's first event, which is its name in its hall.</param>
/// <param name="Threshold">The lowest <c>NearAhead</c> of any endpoint that the ticket has come to.</param>
internal readonly record struct NearLeg(long Leg, int Threshold);

/// <summary>
/// What one hall's events mean to webhooks, event after event, from the state right after each: so a replay of the journal says the very same. On the hall's turn, therefore quick; not thread-safe.
/// </summary>
/// <param name="thresholds">The values of <c>NearAhead</c> of endpoints that want <c>ticket.near</c> of this hall, ascending.</param>
internal sealed class HallSight(HallId hall, IReadOnlySet<WebhookEvent> wanted, int[] thresholds)
{
    // Said already, so that a line that moves is not said again and again. Who stores it knows for certain: this begins anew with every load.
    private readonly Dictionary<long, int> _near = [];

    public static HallSight Of(HallId hall, IReadOnlyList<WebhookEndpoint> endpoints) => new(hall,
        Enum.GetValues<WebhookEvent>().Where(e => endpoints.Any(endpoint => endpoint.Wants(e, hall))).ToHashSet(),
        [.. endpoints.Where(e => e.Wants(WebhookEvent.TicketNear, hall)).Select(e => e.NearAhead).Distinct().Order()]);

    /// <summary>In the order in which they are to be told; mostly empty.</summary>
    public IReadOnlyList<WebhookFact> See(HallEvent @event, HallState state)
    {
        if (wanted.Count == 0) return [];
        List<WebhookFact>? facts = null;
        if (Itself(@event, state) is { } fact && wanted.Contains(fact.Event)) (facts = []).Add(fact);
        if (thresholds.Length == 0) return facts ?? [];
        if (@event is DayEnded) _near.Clear();
        foreach (var line in LinesMovedBy(@event, state))
        {
            // A line that the hall's document has no more has nobody.
            if (state.Find(line) is null) continue;
            var first = HallPicture.First(state, line, state.At, thresholds[^1] + 1);
            for (var ahead = 0; ahead < first.Count; ahead++)
            {
                var threshold = Array.Find(thresholds, t => t >= ahead);
                var leg = first[ahead];
                if (_near.TryGetValue(leg.FirstSequence, out var said) && said <= threshold) continue;
                _near[leg.FirstSequence] = threshold;
                (facts ??= []).Add(Near(state, leg, ahead, threshold));
            }
        }
        return facts ?? [];
    }

    private WebhookFact? Itself(HallEvent @event, HallState state) => @event switch
    {
        TicketCalled e => Called(state, e.Ticket, e.Window),
        TicketRecalled { Counted: true } e => Called(state, e.Ticket, e.Window),
        ServiceRated { Grade: Grade.Dissatisfied or Grade.VeryDissatisfied } e => Rated(state, e),
        Suspended e => OfHall(state, WebhookEvent.HallSuspended, e.Lines, e.Services, e.Until),
        Resumed e => OfHall(state, WebhookEvent.HallResumed, e.Lines, e.Services, null),
        DayEnded e => Closed(state, e),
        _ => null,
    };

    private WebhookFact Closed(HallState state, DayEnded e) => Fact(state, WebhookEvent.DayClosed, state.Sequence, state.Number.ToString(CultureInfo.InvariantCulture), body =>
    {
        var outcomes = HallPicture.Outcomes(state, e.Day);
        var legs = new SortedDictionary<string, int>(StringComparer.Ordinal) { ["issued"] = outcomes.Sum(o => o.Value) };
        foreach (var (outcome, count) in outcomes) legs[JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString())] = count;
        return body with { Day = e.Day, Legs = legs };
    });

    private WebhookFact Called(HallState state, long ordinal, WindowId window)
    {
        var ticket = state.Find(new TicketId(state.Number, ordinal))!;
        return Fact(state, WebhookEvent.TicketCalled, state.Sequence, ticket.Id.ToString(), body => body with
        {
            Ticket = WebhookTicket.Of(ticket, ticket.Leg),
            Window = window.Value,
            CalledAt = Local(state, ticket.Leg.CalledAt!.Value),
            Times = ticket.Leg.Times,
        });
    }

    private WebhookFact Rated(HallState state, ServiceRated e)
    {
        var ticket = state.Find(new TicketId(state.Number, e.Ticket))!;
        var leg = ticket.LegOf(e.Leg)!;
        return Fact(state, WebhookEvent.RatingBad, state.Sequence, ticket.Id.ToString(), body => body with
        {
            Ticket = WebhookTicket.Of(ticket, leg),
            Window = e.Window.Value,
            Grade = e.Grade,
            Tags = e.Tags,
        });
    }

    private WebhookFact OfHall(HallState state, WebhookEvent @event, IReadOnlyList<LineId> lines, IReadOnlyList<ServiceId> services, Instant? until) =>
        Fact(state, @event, state.Sequence, state.Number.ToString(CultureInfo.InvariantCulture), body => body with
        {
            Lines = [.. lines.Select(l => l.Value)],
            Services = [.. services.Select(s => s.Value)],
            Until = until is { } at ? Local(state, at) : null,
        });

    // Named by the leg, not by what moved it up: one event may bring up several, and a leg is told once.
    private WebhookFact Near(HallState state, Leg leg, int ahead, int threshold) =>
        Fact(state, WebhookEvent.TicketNear, leg.FirstSequence, leg.Ticket.Id.ToString(), body => body with { Ticket = WebhookTicket.Of(leg.Ticket, leg), Ahead = ahead })
            with { Near = new NearLeg(leg.FirstSequence, threshold) };

    private WebhookFact Fact(HallState state, WebhookEvent @event, long sequence, string subject, Func<WebhookBody, WebhookBody> fill)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{state.Number}-{sequence}-{@event.NameOf()}");
        return new WebhookFact(@event, hall, subject, id, fill(new WebhookBody(id, @event.NameOf(), Local(state, state.At), hall.Value)).ToJson(), state.At);
    }

    private static DateTimeOffset Local(HallState state, Instant at) => HallPicture.Local(state, at);

    /// <summary>The lines in which somebody may have come nearer.</summary>
    private static IEnumerable<LineId> LinesMovedBy(HallEvent @event, HallState state)
    {
        return @event switch
        {
            TicketIssued e => [e.Line],
            TicketPrinted e => Of(e.Ticket),
            AppointmentCheckedIn e => Of(e.Ticket),
            TicketCalled e => Of(e.Ticket),
            TicketReturned e => Of(e.Ticket),
            TicketCancelled e => Of(e.Ticket),
            TicketExpired e => Of(e.Ticket),
            TicketAway e => Of(e.Ticket),
            TicketBack e => Of(e.Ticket),
            ClassChanged e => Of(e.Ticket),
            // Who was sent on to come back waits again when that is done.
            ServiceFinished e => Of(e.Ticket),
            TicketRecalled or ServiceStarted or TicketMissed or TicketVoided or TicketHeld or StageMarked or OwnerChanged or ServiceRated or SlipGiven or SlipShown or CasesDeclared => [],
            WindowOpened or WindowClosed or WindowPaused or WindowResumed or WindowTakenOver or WindowProfileChanged => [],
            Suspended or Resumed or NoticePosted or NoticeEnded or DayForgotten => [],
            AppointmentBooked or AppointmentMoved or AppointmentCancelled or AppointmentReleased => [],
            // Both lines of one who goes on with another service or is passed on, all of a new document; and of whatever is not named above: looking costs little, overlooking somebody does not.
            _ => state.Settings.Lines.Select(l => l.Line),
        };

        // Of a joint visit every line: it leaves all when one calls it.
        IEnumerable<LineId> Of(long ordinal) => state.Find(new TicketId(state.Number, ordinal)) is not { } ticket ? [] : ticket.Joint is null ? [ticket.Leg.Line] : ticket.Legs.Select(leg => leg.Line).Distinct();
    }
}
