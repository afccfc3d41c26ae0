using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Core.Calendars;

/// <param name="Calendar">Null exactly when <paramref name="Problems"/> is not empty.</param>
/// <param name="Problems">At most 20, each with the path of its field.</param>
public sealed record CalendarReading(CalendarSettings? Calendar, IReadOnlyList<DocumentProblem> Problems);

/// <summary>
/// Reads a calendar for itself, or that of a hall's document. A calendar for itself (CALENDAR.md) has its own <c>services</c> (their names by their ids), <c>windows</c>
/// and <c>staff</c>; its ids may be any names. Staff who can do everything need no entry: who is in the roster is known. Pure and thread-safe.
/// </summary>
public static class CalendarFile
{
    private static readonly string[] AllFields = ["timeZone", "holidays", "services", "windows", "staff", .. CalendarDocument.Fields.Except(["timeZone", "holidays"])];
    private static readonly string[] WindowFields = ["window", "services"];
    private static readonly string[] StaffFields = ["staff", "services"];
    private static readonly string[] TextFields = ["zh", "en"];
    private static readonly string[] Roles = ["a", "b"];

    /// <summary>Checked whole, contradictions between sessions or rows included. Never throws, whatever the bytes.</summary>
    /// <param name="announced">China's days.</param>
    public static CalendarReading Read(ReadOnlySpan<byte> utf8, HolidayTable announced)
    {
        if (HallDocumentJson.FaultOf(utf8) is { } fault)
            return new CalendarReading(null, [fault]);
        var reader = new Utf8JsonReader(utf8, HallDocumentJson.Options);
        using var json = JsonDocument.ParseValue(ref reader);
        if (json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("hall", out _))
        {
            var hall = HallDocument.Check(utf8, null, announced);
            return new CalendarReading(hall.Settings?.Calendar, hall.Problems);
        }
        var findings = new Findings(new TextPool());
        var calendar = Read(new DocumentObject(json.RootElement, Place.Root, findings, AllFields), findings);
        var problems = findings.Problems.Count > 0 ? findings.Problems : CalendarCheck.ProblemsOf(calendar.Plan, announced, "");
        return new CalendarReading(problems.Count > 0 ? null : calendar, problems);
    }

    private static CalendarSettings Read(DocumentObject file, Findings findings)
    {
        var services = Services(file, findings);
        var serviceIds = new KnownIds("a service", services);
        var windows = new List<(WindowId Window, string[] Services)>();
        var known = new HashSet<string>();
        foreach (var window in file.Objects("windows", WindowFields, required: true))
        {
            var id = Name(window, "window", required: true);
            if (id is not null && !known.Add(id)) window.Wrong("window", "must be unique in its list");
            if (!window.Has("services")) window.Wrong("services", "must be the services that the window does");
            windows.Add((new WindowId(id ?? ""), window.References("services", serviceIds) ?? []));
        }
        var people = new Dictionary<string, string[]?>();
        foreach (var person in file.Objects("staff", StaffFields))
        {
            var id = Name(person, "staff", required: true);
            if (id is not null && !people.TryAdd(id, person.References("services", serviceIds))) person.Wrong("staff", "must be unique in its list");
        }

        var places = HallOutline.Places(services);
        var outline = new HallOutline([.. windows.Select(w => w.Window)], [.. services.Select(s => new ServiceId(s))], [.. windows.Select(w => Set(w.Services))], [],
            who => people.GetValueOrDefault(who.Value) is { } can ? Set(can) : null, word => places.ContainsKey(word) ? Set([word]) : null);
        var ids = new HallIds(new KnownIds("a window", known), new KnownIds("a member of staff", InRoster(file).Concat(people.Keys).ToHashSet()), serviceIds, null);
        return CalendarDocument.Settings(file, findings, ids, outline);

        IndexSet Set(IEnumerable<string> names) => IndexSet.Of(services.Count, names.Select(n => places[n]));
    }

    private static List<string> Services(DocumentObject file, Findings findings)
    {
        var ids = new List<string>();
        if (!file.Get("services", out var given) || given.ValueKind is not JsonValueKind.Object)
        {
            file.Wrong("services", "must be an object of services: their names by their ids");
            return ids;
        }
        foreach (var service in given.EnumerateObject())
        {
            var place = file.Place.At("services").At(DocumentObject.Cut(service.Name));
            if (!IsName(service.Name)) findings.Refuse(place, "must be an id of 1 to 64 characters");
            else if (ids.Contains(service.Name)) findings.Refuse(place, "must be given once, was repeated");
            else ids.Add(service.Name);
            if (service.Value.ValueKind is JsonValueKind.Object)
                DocumentObject.TextFrom(new DocumentObject(service.Value, place, findings, TextFields), DocumentObject.MaxNameLength);
            else if (service.Value.ValueKind is not JsonValueKind.String || service.Value.GetString() is not { Length: > 0 and <= DocumentObject.MaxNameLength })
                findings.Refuse(place, "must be the service's name" + DocumentObject.Was(service.Value));
        }
        return ids;
    }

    /// <summary>Whoever the roster names is a member of staff; whether the rows are right is seen when they are read.</summary>
    private static IEnumerable<string> InRoster(DocumentObject file)
    {
        if (!file.Get("roster", out var rows) || rows.ValueKind is not JsonValueKind.Array) yield break;
        foreach (var row in rows.EnumerateArray())
            foreach (var role in Roles)
                if (row.ValueKind is JsonValueKind.Object && row.TryGetProperty(role, out var who) && who.ValueKind is JsonValueKind.String && IsName(who.GetString()!))
                    yield return who.GetString()!;
    }

    private static string? Name(DocumentObject o, string field, bool required) => o.String(field, required, IsName, static () => "must be an id of 1 to 64 characters");

    private static bool IsName(string id) => id.Length is > 0 and <= DocumentObject.MaxIdLength && !string.IsNullOrWhiteSpace(id) && !id.Any(char.IsControl);
}
