using System.Text;
using System.Text.Json;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Problems;

namespace HallOps.Web.Halls;

/// <summary>What became of a document.</summary>
public readonly struct DocumentOutcome
{
    public DocumentOutcome(ConfiguredHall hall) => Hall = hall;
    public DocumentOutcome(Problem problem) => Problem = problem;
    public ConfiguredHall? Hall { get; }
    public Problem? Problem { get; }
}

/// <summary>Takes hall documents (HALL.md), for the API and for imports alike: checked whole, packed, sent through the door. Safe from any thread.</summary>
public sealed class HallDocuments(IHalls halls, HallDoor door, IHallList list)
{
    /// <summary>Changes the hall to the document, or makes it.</summary>
    /// <param name="utf8">At most <see cref="HallDocument.MaxBytes"/>. Without <c>calendar</c>, the hall keeps the one it has.</param>
    /// <param name="ifVersion">The version the change was made in; null: any.</param>
    public async ValueTask<DocumentOutcome> PutAsync(Caller caller, HallId hall, ReadOnlyMemory<byte> utf8, TextHash? ifVersion, DoorKey key, CancellationToken cancel)
    {
        if (Rights.Against(caller, hall, Act.ChangeConfig) is { } no) return new(no);
        var known = halls.Find(hall);
        // Who runs some halls does not found new ones.
        if (known is null && !caller.HasEverywhere(Role.Admin)) return new(Problem.Of("UnknownHall"));
        if (known is null && ifVersion is not null) return new(Problem.Of("VersionChanged"));

        byte[] document;
        var keepsCalendar = false;
        try
        {
            document = HallDocument.Minify(utf8.Span);
            if (known is not null && !HasCalendar(document) && await halls.ReadAsync(hall, new ReadConfig(), cancel) is { } now)
            {
                document = WithCalendar(document, now.Document.Unpack());
                // The calendar put in is that version's, so the change must be too.
                ifVersion ??= now.Document.Version;
                keepsCalendar = true;
            }
        }
        catch (JsonException)
        {
            // Read says what is wrong, and where.
            document = utf8.ToArray();
        }
        // A calendar in force is not asked again what it may contradict.
        var reading = keepsCalendar ? HallDocument.Read(document) : HallDocument.Check(document, null, HolidayData.China);
        if (reading.Settings is not { } settings) return new(Wrong(reading.Problems));
        if (settings.Hall != hall) return new(Problem.BadField("hall", $"must be {hall}, the hall of the address, was {settings.Hall}"));

        // A new hall's number is the engine's to give.
        var sent = await door.SendAsync(caller, hall, new ConfigureHall(known?.Number ?? 0, PackedDocument.Pack(document), ifVersion), key);
        if (!sent.IsDone) return new(sent.Problem);
        var reply = (ConfiguredReply)sent.Answer.Reply!;
        await list.HasAsync(reply.Number, sent.Answer.Sequence, cancel);
        IReadOnlyList<string> warnings = keepsCalendar ? [.. reading.Warnings, "calendar: left out, so the hall keeps the one it has"] : reading.Warnings;
        return new(new ConfiguredHall(reply.Hall.Value, reply.Number, reply.Version.ToString(), reply.Created, warnings));
    }

    private static Problem Wrong(IReadOnlyList<DocumentProblem> problems) =>
        Problem.Of(StatusCodes.Status400BadRequest, "BadField", problems[0].ToString(), ("field", problems[0].Path), ("problems", problems.Select(p => p.ToString())));

    private static bool HasCalendar(byte[] minified) => TryTopLevel(minified, "calendar"u8, out _);

    private static byte[] WithCalendar(byte[] minified, byte[] current)
    {
        if (minified is not [(byte)'{', .., (byte)'}'] || !TryTopLevel(current, "calendar"u8, out var calendar)) return minified;
        var comma = minified.Length > 2 ? "," : "";
        return [.. minified.AsSpan(0, minified.Length - 1), .. Encoding.UTF8.GetBytes(comma + "\"calendar\":"), .. current.AsSpan(calendar), (byte)'}'];
    }

    private static bool TryTopLevel(byte[] minified, ReadOnlySpan<byte> name, out Range value)
    {
        value = default;
        var reader = new Utf8JsonReader(minified);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (!found) continue;
            value = start..(int)reader.BytesConsumed;
            return true;
        }
        return false;
    }
}
