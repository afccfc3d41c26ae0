using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Boards;
using HallOps.Web.Tickets;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HallOps.Web.Hub;

/// <summary>
/// Turns what halls post into the hub's messages: a suspension's words for their hash, an explanation's sentences, what is missing on a slip, a pad's nonce for the leg it may rate, the floor's devices. A message
/// that is the same for all is made and serialised once. Safe from any thread.
/// </summary>
public sealed class ScreenFrames(BoardJson json, TicketTokens tokens, DeviceReports devices, SpokenAnnouncements spoken)
{
    private readonly ConditionalWeakTable<FeedMessage, SerializedHubMessage> _shared = [];
    private readonly ConditionalWeakTable<FeedValue, FeedValue> _worded = [];

    /// <summary>Null: nothing to send to this one.</summary>
    public SerializedHubMessage? Of(FeedMessage message, Caller viewer)
    {
        switch (message)
        {
            case FeedSnapshot { Topic.Kind: TopicKind.Floor } snapshot:
                return Fresh(snapshot with { State = new Dictionary<string, FeedValue>(snapshot.State) { ["devices"] = devices.Of(snapshot.Topic.Hall) } });
            case FeedSnapshot { Topic.Kind: TopicKind.Window } snapshot:
                return Fresh(snapshot with { State = ForWindow(snapshot.Topic, snapshot.State, viewer) });
            case FeedChange { Topic.Kind: TopicKind.Window } change when change.Changes.ContainsKey("rating"):
                var seen = ForWindow(change.Topic, change.Changes, viewer);
                return seen.Count == 0 && change.From == change.To ? null : Fresh(change with { Changes = seen });
            case FeedAnnouncement announcement when viewer.Device is { } device && spoken.Has(announcement.Hall, device.Zone, announcement.Id):
                return null;
            default:
                return _shared.GetValue(message, Fresh);
        }
    }

    private SerializedHubMessage Fresh(FeedMessage message) => new(message switch
    {
        FeedSnapshot m => new InvocationMessage("Snapshot", [m.Topic.ToString(), m.Sequence, new ScreenObject(Worded(m.State))]),
        FeedChange m => new InvocationMessage("Change", [m.Topic.ToString(), m.From, m.To, new ScreenObject(Worded(m.Changes))]),
        FeedAnnouncement m => new InvocationMessage("Announce", [m.Hall.Value, m.Zone, new AnnouncedCall(m.Id, m.Ticket, m.Window, m.Times, m.ExpiresAt)]),
        FeedHeartbeat m => new InvocationMessage("Heartbeat", [m.Topic.ToString(), m.Sequence]),
        _ => throw new ArgumentException($"{message.GetType().Name} is no message of the hub.", nameof(message)),
    });

    private Dictionary<string, FeedValue> ForWindow(Topic topic, IReadOnlyDictionary<string, FeedValue> members, Caller viewer)
    {
        var seen = new Dictionary<string, FeedValue>(members);
        if (!seen.Remove("rating", out var rating) || viewer.Device is not { Kind: DeviceKind.Pad } pad || pad.Hall != topic.Hall || pad.Window?.Value != topic.Part) return seen;
        seen["rating"] = new FeedValue(rating?.Value is RateableView leg ? new RatingAsked(tokens.NonceOf(topic.Hall, new WindowId(topic.Part!), leg.Ticket, leg.Leg), leg.Service) : null);
        return seen;
    }

    private IReadOnlyDictionary<string, FeedValue> Worded(IReadOnlyDictionary<string, FeedValue> members)
    {
        Dictionary<string, FeedValue>? worded = null;
        foreach (var (key, value) in members)
            if (HasWords(value?.Value)) (worded ??= new(members))[key] = _worded.GetValue(value!, v => new FeedValue(new RawJson(JsonSerializer.SerializeToUtf8Bytes(v.Value, v.Value!.GetType(), json.Options))));
        return worded ?? members;
    }

    private static bool HasWords(object? value) => value switch
    {
        Explanation or SuspensionView or IReadOnlyList<ToldOnceView> or LineBoard { Suspended: not null } or IReadOnlyList<SuspendedService> { Count: > 0 } => true,
        IEnumerable<LineBoard> lines => lines.Any(l => l.Suspended is not null),
        IEnumerable<NoticeView> notices => notices.Any(),
        _ => false,
    };
}

/// <summary>What a pad needs to send a rating.</summary>
public sealed record RatingAsked(string Nonce, string Service);

/// <summary>A call to be spoken. <paramref name="Id"/> is the call's sequence.</summary>
public sealed record AnnouncedCall(long Id, string Ticket, string Window, int Times, DateTimeOffset ExpiresAt);

/// <summary>JSON that is ready: written as it is, wherever it stands.</summary>
[JsonConverter(typeof(Converter))]
public sealed class RawJson(ReadOnlyMemory<byte> utf8)
{
    public ReadOnlyMemory<byte> Utf8 { get; } = utf8;

    internal sealed class Converter : JsonConverter<RawJson>
    {
        public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new JsonException("Ready JSON is only written.");

        public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) => writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }
}

/// <summary>Members whose values were serialised once for all screens.</summary>
[JsonConverter(typeof(Converter))]
public sealed class ScreenObject(IReadOnlyDictionary<string, FeedValue> members)
{
    public IReadOnlyDictionary<string, FeedValue> Members { get; } = members;

    internal sealed class Converter : JsonConverter<ScreenObject>
    {
        public override ScreenObject Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new JsonException("A screen's members are only written.");

        public override void Write(Utf8JsonWriter writer, ScreenObject value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var (name, member) in value.Members)
            {
                writer.WritePropertyName(name);
                if (member is null) writer.WriteNullValue();
                else writer.WriteRawValue(member.Json.Span, skipInputValidation: true);
            }
            writer.WriteEndObject();
        }
    }
}
