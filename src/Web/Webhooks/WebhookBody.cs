using System.Text.Json;
using System.Text.Json.Serialization;
using HallOps.Core.Halls;
using HallOps.Silo.Feeds;

namespace HallOps.Web.Webhooks;

/// <summary>
/// What an endpoint is sent, as JSON; members that do not belong to the event are left out. Ids, numbers and times only: no token, nothing that names a person, no free text.
/// </summary>
/// <param name="Id">The same in every repeat.</param>
/// <param name="At">When it happened, with the hall's offset.</param>
internal sealed record WebhookBody(string Id, string Event, DateTimeOffset At, string Hall)
{
    private static readonly JsonSerializerOptions Json = FeedJson.Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull });

    public WebhookTicket? Ticket { get; init; }

    /// <summary>How many were before the ticket then.</summary>
    public int? Ahead { get; init; }

    public string? Window { get; init; }

    /// <summary>The summons, of which this may be a recall.</summary>
    public DateTimeOffset? CalledAt { get; init; }

    /// <summary>Calls and recalls of that summons.</summary>
    public int? Times { get; init; }

    public Grade? Grade { get; init; }
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Suspended or resumed; empty, and <see cref="Services"/> as well: the whole hall.</summary>
    public IReadOnlyList<string>? Lines { get; init; }
    public IReadOnlyList<string>? Services { get; init; }
    public DateTimeOffset? Until { get; init; }

    /// <summary>The service day that closed.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>Its legs by outcome, in the words of DOMAIN.md, and all of them as <c>issued</c>; a service that still goes on is <c>open</c>.</summary>
    public IReadOnlyDictionary<string, int>? Legs { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <param name="Id">Never repeats; <paramref name="Number"/>, which screens show, does daily.</param>
/// <param name="Leg">1 for the first service of the visit.</param>
internal sealed record WebhookTicket(string Id, string Number, int Leg, string Service, string Line)
{
    public static WebhookTicket Of(Ticket ticket, Leg leg) => new(ticket.Id.ToString(), ticket.Number, leg.Number, leg.Service.Value, leg.Line.Value);
}
