using System.Text.Json;
using HallOps.Core.Calendars;

namespace HallOps.Core.Halls;

/// <summary>One thing wrong in a document: where, and what is allowed there. <see cref="ToString"/> is the sentence for people.</summary>
/// <param name="Path">Like <c>windows[2].profile[0].line</c>; empty where the whole document is meant.</param>
/// <param name="Message">Like <c>must be a line of the hall (a, b, c), was "x"</c>.</param>
public sealed record DocumentProblem(string Path, string Message)
{
    public override string ToString() => Path.Length == 0 ? $"The document {Message}" : $"{Path}: {Message}";
}

/// <param name="Settings">Null exactly when <paramref name="Problems"/> is not empty.</param>
/// <param name="Problems">At most 20, in the order of HALL.md's lists; the document may hold more.</param>
/// <param name="Warnings">What is allowed but probably not meant, each with its path; empty where there are problems. At most 20.</param>
public sealed record HallDocumentReading(HallSettings? Settings, IReadOnlyList<DocumentProblem> Problems, IReadOnlyList<string> Warnings);

/// <summary>
/// Reads the document of a hall (HALL.md) whole and checks it whole. What the settings do not hold (alerts,
/// reasons of exceptions) is checked all the same and stays in the document's bytes, which the caller keeps.
/// </summary>
/// <remarks>
/// <para>A field that may be left out may also be <c>null</c>. Unknown and repeated fields are refused at every level.</para>
/// <para>Texts are <c>{"zh", "en"}</c>; only a member of staff's <c>name</c> may also be a plain string, which is then the Chinese one.</para>
/// <para>Of <c>appointments</c>, <c>slotMinutes</c> and <c>capacity</c> are required; <c>daysAhead</c> is 5, <c>earlyMinutes</c> 30 and
/// <c>lateMinutes</c> 15 where left out. A calendar's <c>timeZone</c> is Asia/Shanghai where left out.</para>
/// <para>Pure and thread-safe, but for the pool given.</para>
/// </remarks>
public static class HallDocument
{
    /// <summary>4 MiB: ten times the largest hall known with all its texts.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>Never throws, whatever the bytes; UTF-8 without a byte order mark, at most <see cref="MaxBytes"/>.</summary>
    /// <param name="pool">Shares the texts of many halls; without one those of this document are shared among themselves.</param>
    public static HallDocumentReading Read(ReadOnlySpan<byte> utf8, TextPool? pool = null)
    {
        if (HallDocumentJson.FaultOf(utf8) is { } fault)
            return new HallDocumentReading(null, [fault], []);

        var reader = new Utf8JsonReader(utf8, HallDocumentJson.Options);
        using var json = JsonDocument.ParseValue(ref reader);
        return new HallDocumentReader(pool ?? new TextPool()).Read(json.RootElement);
    }

    /// <summary>
    /// <see cref="Read"/>, and what a document that somebody submits is asked besides: that its calendar does not contradict itself, which would only be
    /// seen on some date (CALENDAR.md). Documents in force may be older than that, so their reading does not ask it.
    /// </summary>
    /// <inheritdoc cref="Read" path="/param"/>
    /// <param name="announced">China's days off and make-up days, for a calendar that follows them.</param>
    public static HallDocumentReading Check(ReadOnlySpan<byte> utf8, TextPool? pool, HolidayTable announced)
    {
        var reading = Read(utf8, pool);
        return reading.Settings is { } hall && CalendarCheck.ProblemsOf(hall.Calendar.Plan, announced, "calendar.") is { Count: > 0 } problems
            ? new HallDocumentReading(null, problems, [])
            : reading;
    }

    /// <summary>
    /// The same document without insignificant white space: fields in their order, numbers as written, nothing escaped in strings that JSON
    /// allows plain.
    /// </summary>
    /// <exception cref="JsonException">The bytes are no JSON that <see cref="Read"/> would look into.</exception>
    public static byte[] Minify(ReadOnlySpan<byte> utf8) =>
        HallDocumentJson.FaultOf(utf8) is { } fault ? throw new JsonException(fault.ToString()) : HallDocumentJson.Minify(utf8);
}
