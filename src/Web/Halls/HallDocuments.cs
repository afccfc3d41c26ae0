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
public sealed class HallDocuments(IHalls halls, HallDoor door, IHallList list, HolidayNotices notices)
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
        var reading = keepsCalendar ? HallDocument.Read(document) : HallDocument.Check(document, null, notices.Current);
        if (reading.Settings is not { } settings) return new(Wrong(reading.Problems));
        if (settings.Hall != hall) return new(Problem.BadField("hall", $"must be {hall}, the hall of the address, was {settings.Hall}"));

        IReadOnlyList<string> warnings = keepsCalendar ? [.. reading.Warnings, "calendar: left out, so the hall keeps the one it has"] : reading.Warnings;
        // A new hall's number is the engine's to give.
        return await SendAsync(caller, hall, new ConfigureHall(known?.Number ?? 0, PackedDocument.Pack(document), ifVersion), key, Act.ChangeConfig, warnings, cancel);
    }

    /// <summary>Changes the hall's calendar and leaves the rest of its document as it is: a manager's right, where the whole document is an admin's.</summary>
    /// <param name="utf8">The calendar alone.</param>
    /// <param name="ifVersion">The version of the document that the change was made in; null: any.</param>
    public async ValueTask<DocumentOutcome> PutCalendarAsync(Caller caller, HallId hall, ReadOnlyMemory<byte> utf8, TextHash? ifVersion, DoorKey key, CancellationToken cancel)
    {
        if (Rights.Against(caller, hall, Act.ChangeCalendar) is { } no) return new(no);
        if (await halls.ReadAsync(hall, new ReadConfig(), cancel) is not { } now) return new(Problem.Of("UnknownHall"));
        var (document, reading) = WithCalendar(now.Document, utf8.Span);
        if (reading.Settings is null) return new(Wrong(reading.Problems));
        // Also where another version is asked for: a repeated request is answered by its key, before versions are compared.
        return await SendAsync(caller, hall, new ConfigureHall(halls.Find(hall)!.Value.Number, PackedDocument.Pack(document), ifVersion ?? now.Document.Version), key, Act.ChangeCalendar, reading.Warnings, cancel);
    }

    /// <summary>A document with another calendar in it, checked whole; the paths are those of the calendar.</summary>
    internal (byte[] Document, HallDocumentReading Reading) WithCalendar(PackedDocument now, ReadOnlySpan<byte> calendar)
    {
        byte[] minified;
        try
        {
            minified = HallDocument.Minify(calendar);
        }
        catch (JsonException)
        {
            return ([], HallDocument.Read(calendar));
        }
        var current = now.Unpack();
        byte[] document = TryTopLevel(current, "calendar"u8, out var at) ? [.. current.AsSpan(0, at.Start.Value), .. minified, .. current.AsSpan(at.End.Value)] : Added(current, minified);
        var reading = HallDocument.Check(document, null, notices.Current);
        return (document, reading with
        {
            Problems = [.. reading.Problems.Select(p => p with { Path = InCalendar(p.Path) })],
            // What the rest of the document may be warned of is not this change's.
            Warnings = [.. reading.Warnings.Where(w => w.StartsWith("calendar", StringComparison.Ordinal)).Select(InCalendar)],
        });
    }

    private static string InCalendar(string path) => path == "calendar" ? "" : path.StartsWith("calendar.", StringComparison.Ordinal) ? path["calendar.".Length..] : path;

    private async ValueTask<DocumentOutcome> SendAsync(Caller caller, HallId hall, ConfigureHall command, DoorKey key, Act act, IReadOnlyList<string> warnings, CancellationToken cancel)
    {
        var sent = await door.SendAsync(caller, hall, command, key, act);
        if (!sent.IsDone) return new(sent.Problem);
        var reply = (ConfiguredReply)sent.Answer.Reply!;
        await list.HasAsync(reply.Number, sent.Answer.Sequence, cancel);
        return new(new ConfiguredHall(reply.Hall.Value, reply.Number, reply.Version.ToString(), reply.Created, warnings));
    }

    internal static Problem Wrong(IReadOnlyList<DocumentProblem> problems) =>
        Problem.Of(StatusCodes.Status400BadRequest, "BadField", problems[0].ToString(), ("field", problems[0].Path), ("problems", problems.Select(p => p.ToString())));

    private static bool HasCalendar(byte[] minified) => TryTopLevel(minified, "calendar"u8, out _);

    private static byte[] WithCalendar(byte[] minified, byte[] current)
    {
        if (minified is not [(byte)'{', .., (byte)'}'] || !TryTopLevel(current, "calendar"u8, out var calendar)) return minified;
        return Added(minified, current.AsSpan(calendar));
    }

    private static byte[] Added(ReadOnlySpan<byte> document, ReadOnlySpan<byte> calendar)
    {
        var comma = document.Length > 2 ? "," : "";
        return [.. document[..^1], .. Encoding.UTF8.GetBytes(comma + "\"calendar\":"), .. calendar, (byte)'}'];
    }

    /// <summary>The calendar of a hall's document, as bytes of JSON.</summary>
    internal static byte[] CalendarOf(PackedDocument document)
    {
        var bytes = document.Unpack();
        return TryTopLevel(bytes, "calendar"u8, out var at) ? bytes[at] : throw new InvalidOperationException("A hall's document has a calendar.");
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
