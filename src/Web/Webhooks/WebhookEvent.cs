namespace HallOps.Web.Webhooks;

/// <summary>What webhooks tell of: a closed list. A kind stands here once the server tells it, so that nobody can ask for one that never comes.</summary>
public enum WebhookEvent
{
    /// <summary>A waiting ticket has as few before it as the endpoint asked for, for the first time in its leg.</summary>
    TicketNear,

    /// <summary>A call, or a recall that counts.</summary>
    TicketCalled,

    HallSuspended,

    HallResumed,

    /// <summary>A service was rated <c>dissatisfied</c> or <c>veryDissatisfied</c>.</summary>
    RatingBad,

    /// <summary>A service day is over, with what became of its numbers.</summary>
    DayClosed,
}

/// <summary>The names of events on the wire and in settings.</summary>
public static class WebhookEventNames
{
    private static readonly (WebhookEvent Event, string Name)[] All =
    [
        (WebhookEvent.TicketNear, "ticket.near"), (WebhookEvent.TicketCalled, "ticket.called"), (WebhookEvent.HallSuspended, "hall.suspended"),
        (WebhookEvent.HallResumed, "hall.resumed"), (WebhookEvent.RatingBad, "rating.bad"), (WebhookEvent.DayClosed, "day.closed"),
    ];

    /// <summary>In the order of the list.</summary>
    public static IEnumerable<string> Names => All.Select(e => e.Name);

    public static string NameOf(this WebhookEvent @event) => All[(int)@event].Name;

    public static bool TryParse(string name, out WebhookEvent @event)
    {
        foreach (var known in All)
        {
            if (known.Name != name) continue;
            @event = known.Event;
            return true;
        }
        @event = default;
        return false;
    }
}
