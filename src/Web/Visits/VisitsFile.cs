using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;

namespace HallOps.Web.Visits;

/// <summary>What a row of a file of visits says; or, in <paramref name="Problem"/>, why it says nothing.</summary>
/// <param name="Line">Of the file, the header is 1.</param>
/// <param name="Leg">Null exactly where there is a problem. Instants are UTC where the row's times carry an offset, else the hall's wall clock taken as if it were UTC: <see cref="IsLocal"/>.</param>
/// <param name="IsLocal">The row's times carry no offset.</param>
/// <param name="Problem">One sentence that begins with the field.</param>
public readonly record struct VisitRow(long Line, MetricLeg? Leg, string Number, string Class, bool IsLocal, string? Problem);

/// <summary>
/// A file of visits (API.md): CSV in UTF-8 with a header, columns in any order, a row a leg: <c>hall, line, service, number, issued, called, started, finished, window, staff, outcome, finishOutcome, department, class, grade</c>.
/// Empty is unknown; other columns are let be. Read row by row, so that its length does not matter.
/// </summary>
/// <exception cref="VisitsFileException">While it is read: no such columns, no UTF-8, or no CSV.</exception>
public sealed class VisitsFile : IDisposable
{
    private const int LongestCell = 200;

    /// <summary>A quotation mark that is never closed must not swallow the rest of the file.</summary>
    private const int LongestRecord = 1 << 16;

    private static readonly string[] s_columns = ["hall", "line", "service", "number", "issued", "called", "started", "finished", "window", "staff", "outcome", "finishOutcome", "department", "class", "grade"];
    private static readonly string[] s_needed = ["hall", "issued"];
    private static readonly Dictionary<string, LegOutcome> s_outcomes = WordsOf<LegOutcome>();
    private static readonly Dictionary<string, Grade> s_grades = WordsOf<Grade>();
    private static readonly Dictionary<string, FinishOutcome> s_finishes = WordsOf<FinishOutcome>();

    private readonly CsvReader _reader;
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Hall, DateOnly Day, string Line, string Number), (long Ticket, int Legs)> _visits = [];
    private readonly bool _knowsStarts;
    private long _tickets;

    /// <param name="text">Read from where it stands, and closed with this.</param>
    public VisitsFile(Stream text)
    {
        _reader = CsvReader.Create(new StreamReader(text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true, 1 << 16),
            new CsvReaderOptions { TrimWhitespace = true, TrackLineNumbers = true, MaxRecordSize = LongestRecord, MalformedData = CsvMalformedDataHandling.Throw, HasHeader = false });
        if (!Next()) throw new VisitsFileException("is empty: the first line must name the columns");
        for (var i = 0; i < _reader.FieldCount; i++)
            if (Array.Find(s_columns, c => string.Equals(c, _reader.GetString(i), StringComparison.OrdinalIgnoreCase)) is { } column && !_columns.TryAdd(column, i))
                throw new VisitsFileException($"names the column {column} twice");
        foreach (var needed in s_needed)
            if (!_columns.ContainsKey(needed)) throw new VisitsFileException($"has no column {needed}: the first line must name the columns, separated by commas ({string.Join(", ", s_columns)})");
        _knowsStarts = _columns.ContainsKey("started");
    }

    /// <summary>In the file's order.</summary>
    public IEnumerable<VisitRow> Rows()
    {
        while (Next()) yield return Row();
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>A time as the file writes it, or as an option says it.</summary>
    /// <returns>Milliseconds since 1970, of the wall clock where it carries no offset; null of what is no time.</returns>
    public static (long At, DateTime Wall, bool IsLocal)? TimeOf(string text)
    {
        // An offset is all that can stand after the time of day.
        var time = text.IndexOfAny(['T', ' ']);
        if (time < 0) return null;
        var isLocal = text.IndexOfAny(['Z', 'z', '+', '-'], time) < 0;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) || at.Year is < 1970 or > 2199) return null;
        // Years first, or a day and a month may have changed places unseen.
        return char.IsAsciiDigit(text[0]) && text.Length > 4 && text.IndexOf('-', StringComparison.Ordinal) == 4 ? (at.ToUnixTimeMilliseconds(), at.DateTime, isLocal) : null;
    }

    private VisitRow Row()
    {
        var line = _reader.LineNumber;
        VisitRow Bad(string problem) => new(line, null, "", "", false, problem);
        var hall = Cell("hall");
        if (hall.Length == 0) return Bad("hall must be given");
        foreach (var column in _columns.Keys)
            if (Cell(column).Length > LongestCell) return Bad(FormattableString.Invariant($"{column} must be at most {LongestCell} characters"));

        var (wall, isLocal) = ((DateTime?)null, (bool?)null);
        string? wrong = null;
        long? Time(string column)
        {
            if (wrong is not null || Cell(column) is not { Length: > 0 } text) return null;
            if (TimeOf(text) is not var (at, onWall, local)) wrong = $"{column} must be a time like 2026-11-23T09:05:00, was \"{text}\"";
            else if (isLocal is { } others && others != local) wrong = $"{column} must carry an offset where the other times of its row do, and none where they do not, was \"{text}\"";
            else
            {
                (isLocal, wall) = (local, wall ?? onWall);
                return at;
            }
            return null;
        }
        var (issued, called, started, finished) = (Time("issued"), Time("called"), Time("started"), Time("finished"));
        if (wrong is not null) return Bad(wrong);
        if (wall is not { } joined) return Bad("issued must be given, or another time: nobody knows when this was");
        if (called < issued) return Bad("called must not be before issued");
        if (started < (called ?? issued)) return Bad($"started must not be before {(called is null ? "issued" : "called")}");
        if (finished < (started ?? called ?? issued)) return Bad($"finished must not be before {(started is not null ? "started" : called is not null ? "called" : "issued")}");

        LegOutcome? outcome = null;
        if (Cell("outcome") is { Length: > 0 } word)
        {
            if (!s_outcomes.TryGetValue(word, out var said)) return Bad($"outcome must be one of {string.Join(", ", s_outcomes.Keys)}, was \"{word}\"");
            outcome = said;
        }
        FinishOutcome? finish = null;
        if (Cell("finishOutcome") is { Length: > 0 } end)
        {
            if (!s_finishes.TryGetValue(end, out var said)) return Bad($"finishOutcome must be one of {string.Join(", ", s_finishes.Keys)}, was \"{end}\"");
            finish = said;
        }

        Grade? grade = null;
        if (Cell("grade") is { Length: > 0 } opinion)
        {
            if (!s_grades.TryGetValue(opinion, out var given)) return Bad($"grade must be one of {string.Join(", ", s_grades.Keys)}, was \"{opinion}\"");
            grade = given;
        }

        // Who finished was served; where starts are not written down at all, so was who was called.
        outcome ??= finished is not null || (!_knowsStarts && called is not null) ? LegOutcome.Served : LegOutcome.Open;
        var (day, number) = (DateOnly.FromDateTime(joined), Cell("number"));
        var (ticket, leg) = VisitOf(hall, day, Cell("line"), number);
        return new VisitRow(line, new MetricLeg
        {
            Hall = hall, Ticket = ticket, Leg = leg, Day = day, Joined = joined, JoinedAt = (issued ?? called ?? started ?? finished)!.Value, Since = issued,
            FirstCalledAt = called, CalledAt = called, StartedAt = started, FinishedAt = outcome == LegOutcome.Served ? finished : null,
            EndedAt = outcome == LegOutcome.Open ? null : finished ?? (outcome == LegOutcome.NoShow ? called : null),
            Outcome = outcome.Value, FinishOutcome = finish, Grade = grade, Service = Cell("service"), Line = Cell("line"), Department = OrNull("department"), Window = OrNull("window"), Staff = OrNull("staff"),
            CallIsAnswer = !_knowsStarts,
        }, number, Cell("class"), isLocal!.Value, null);
    }

    // Rows of one number of one hall and day are one visit's; a row without a number is a visit of its own. A number without its line's letter is its line's alone.
    private (long Ticket, int Leg) VisitOf(string hall, DateOnly day, string line, string number)
    {
        if (number.Length == 0) return (++_tickets, 1);
        var key = (hall, day, number.All(char.IsAsciiDigit) ? line : "", number);
        var visit = _visits.TryGetValue(key, out var known) ? known with { Legs = known.Legs + 1 } : (++_tickets, 1);
        _visits[key] = visit;
        return visit;
    }

    private string Cell(string column) => _columns.TryGetValue(column, out var i) && i < _reader.FieldCount ? _reader.GetString(i) : "";

    private string? OrNull(string column) => Cell(column) is { Length: > 0 } cell ? cell : null;

    private bool Next()
    {
        try
        {
            return _reader.Read();
        }
        catch (DecoderFallbackException e)
        {
            throw new VisitsFileException("is not in UTF-8: save it as \"CSV UTF-8\"", e);
        }
        catch (CsvFormatException e)
        {
            throw new VisitsFileException($"is no CSV ({e.Message.TrimEnd('.')}): look for a quotation mark too many", e);
        }
    }

    private static Dictionary<string, T> WordsOf<T>() where T : struct, Enum => Enum.GetValues<T>().ToDictionary(w => JsonNamingPolicy.CamelCase.ConvertName(w.ToString()));
}

/// <summary>A file that is none of visits at all. The message follows the file's name.</summary>
public sealed class VisitsFileException : Exception
{
    public VisitsFileException() { }
    public VisitsFileException(string message) : base(message) { }
    public VisitsFileException(string message, Exception inner) : base(message, inner) { }
}
