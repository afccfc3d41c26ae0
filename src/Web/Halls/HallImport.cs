using System.Text;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Audit;
using HallOps.Web.Problems;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Halls;

/// <summary>What an import did, or would do.</summary>
/// <param name="Hall">Null where the document does not say or is wrong.</param>
/// <param name="Applied">Durable now.</param>
/// <param name="Changes">What changes, a line each: <c>+ line b</c>, <c>- window 3</c>, <c>~ fairness</c>, <c>&gt; A003, A007: from line a to line b …</c>, <c>! appointment at … for card: nobody would be there for it</c>; empty where the hall is as the document says.</param>
/// <param name="Problems">Why nothing was done; empty when nothing is wrong.</param>
public sealed record HallImported(string? Hall, bool Created, bool Applied, IReadOnlyList<string> Changes, IReadOnlyList<string> Warnings, IReadOnlyList<string> Problems)
{
    public static HallImported Wrong(string? hall, params IReadOnlyList<string> problems) => new(hall, false, false, [], [], problems);
}

/// <summary>Imports hall documents for whoever runs the server: says what changes, and changes it unless only asked.</summary>
public sealed class HallImport(IHalls halls, HallDocuments documents, IDbContextFactory<HallOpsDb> databases, AuditLog audit, HolidayNotices notices)
{
    /// <summary>Who imports, in the journal.</summary>
    private static readonly Caller Local = new("local", [new RoleGrant(Role.Admin, null)], new Dictionary<HallId, StaffId>());

    // Numbers a line of output names.
    private const int MostNamed = 20;

    // Lists whose items have an id of their own, by the id's name.
    private static readonly Dictionary<string, string> Lists = new()
    {
        ["departments"] = "department", ["classes"] = "class", ["zones"] = "zone", ["lines"] = "line", ["services"] = "service", ["windows"] = "window", ["staff"] = "staff",
    };

    /// <summary>What the document would change in this hall; nothing is changed.</summary>
    public async Task<HallImported> CheckAsync(HallId hall, ReadOnlyMemory<byte> utf8, CancellationToken cancel) =>
        // Of another hall nothing is told: who may change one may not know the other.
        HallNamed(utf8) is { } named && named != hall ? HallImported.Wrong(hall.Value, $"hall: must be {hall}, the hall of the address, was {named}") : await RunAsync(utf8, check: true, cancel);

    public async Task<HallImported> RunAsync(ReadOnlyMemory<byte> utf8, bool check, CancellationToken cancel)
    {
        if (HallNamed(utf8) is not { } hall || await halls.ReadAsync(hall, new ReadConfig(), cancel) is not { } now)
            return await ApplyAsync(utf8, check, before: null, cancel);
        return await ApplyAsync(utf8, check, now.Document, cancel);
    }

    private async Task<HallImported> ApplyAsync(ReadOnlyMemory<byte> utf8, bool check, PackedDocument? before, CancellationToken cancel)
    {
        // A hall that is there keeps its calendar where the document has none, so only then may it be left out.
        var reading = HallDocument.Check(utf8.Span, null, notices.Current);
        var problems = reading.Problems.Where(p => before is null || p.Path != "calendar").Select(p => p.ToString()).ToList();
        if (problems.Count > 0) return HallImported.Wrong(HallNamed(utf8)?.Value, problems);

        var hall = HallNamed(utf8)!.Value;
        var minified = HallDocument.Minify(utf8.Span);
        var changes = Changes(before?.Unpack(), minified);
        if (before is not null && changes.Count > 0 && reading.Settings is { } to && await halls.ReadAsync(hall, new ReadChange(PackedDocument.Pack(minified)), cancel) is { } change)
        {
            if (check && change.InUse.Count > 0)
                return HallImported.Wrong(hall.Value, [.. change.InUse.Select(u => $"{u.Path} is in use ({Some(u.By)}): wait until nobody needs it, or change those numbers first.")]);
            changes.AddRange(change.Moves.Select(m => $"> {Some(m.Numbers)}: from line {m.From} to line {m.To}, number and time kept"));
            changes.AddRange(change.Stranded.Select(a => FormattableString.Invariant($"! appointment at {WireTime.At(a.Slot, to.Calendar.Zone):yyyy-MM-dd'T'HH:mmzzz} for {a.Service}: nobody would be there for it")));
        }
        if (check || (before is not null && changes.Count == 0)) return new(hall.Value, before is null, false, changes, reading.Warnings, []);
        var outcome = await documents.PutAsync(Local, hall, utf8, before?.Version, DoorKey.None, cancel);
        if (outcome.Hall is not { } configured) return HallImported.Wrong(hall.Value, Sentence(outcome.Problem!));
        // The change itself is an event of the hall; this is the command on the server's machine that made it.
        await using (var database = await databases.CreateDbContextAsync(CancellationToken.None))
            await audit.AddAloneAsync(database, new AuditEntry(Local.Id, AuditWords.HallImported, hall.Value, hall.Value, Detail: $"version {configured.Version}, {changes.Count} changes"), CancellationToken.None);
        return new(hall.Value, configured.Created, true, changes, configured.Warnings, []);
    }

    private static string Some(IReadOnlyList<string> names) => names.Count <= MostNamed ? string.Join(", ", names) : $"{string.Join(", ", names.Take(MostNamed))} and {names.Count - MostNamed} more";

    private static HallId? HallNamed(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("hall", out var hall) && hall.ValueKind == JsonValueKind.String ? new HallId(hall.GetString()!) : null;
        }
        // Half of a surrogate pair is JSON, and no text.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static List<string> Changes(byte[]? before, byte[] after)
    {
        if (before is null) return ["+ hall"];
        using var old = JsonDocument.Parse(before);
        using var @new = JsonDocument.Parse(after);
        var changes = new List<string>();
        foreach (var name in old.RootElement.EnumerateObject().Concat(@new.RootElement.EnumerateObject()).Select(p => p.Name).Distinct())
        {
            var was = Member(old.RootElement, name);
            var will = Member(@new.RootElement, name);
            if (name == "calendar" && will is null) continue;
            if (Lists.TryGetValue(name, out var id)) changes.AddRange(ListChanges(id, Items(was, id), Items(will, id)));
            else if (!Same(was, will)) changes.Add($"{(was is null ? '+' : will is null ? '-' : '~')} {name}");
        }
        return changes;
    }

    private static IEnumerable<string> ListChanges(string id, Dictionary<string, JsonElement> was, Dictionary<string, JsonElement> will)
    {
        foreach (var gone in was.Keys.Where(k => !will.ContainsKey(k))) yield return $"- {id} {gone}";
        foreach (var added in will.Keys.Where(k => !was.ContainsKey(k))) yield return $"+ {id} {added}";
        foreach (var (key, item) in will)
            if (was.TryGetValue(key, out var old) && !JsonElement.DeepEquals(old, item))
                yield return $"~ {id} {key}: {string.Join(", ", old.EnumerateObject().Concat(item.EnumerateObject()).Select(p => p.Name).Distinct().Where(n => !Same(Member(old, n), Member(item, n))))}";
        if (was.Keys.Where(will.ContainsKey).SequenceEqual(will.Keys.Where(was.ContainsKey)) is false) yield return $"~ order of {id}s";
    }

    private static JsonElement? Member(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static bool Same(JsonElement? a, JsonElement? b) => a is { } x && b is { } y ? JsonElement.DeepEquals(x, y) : a is null && b is null;

    private static Dictionary<string, JsonElement> Items(JsonElement? list, string id) => list?.EnumerateArray().ToDictionary(i => i.GetProperty(id).GetString()!) ?? [];

    private static string Sentence(Problem problem)
    {
        var facts = problem.Members.Where(m => m.Name != "problems").Select(m => $"{m.Name} {(m.Value is System.Collections.IEnumerable list and not string ? string.Join(", ", list.Cast<object?>()) : m.Value)}");
        return new StringBuilder(problem.Detail).Append(problem.Members.Count > 0 ? $" ({problem.Code}: {string.Join("; ", facts)})" : $" ({problem.Code})").ToString();
    }
}
