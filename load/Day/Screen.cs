using System.Diagnostics;
using System.Text.Json;

namespace HallOps.Load.Day;

/// <summary>A call as a screen was told it. <paramref name="Heard"/> is a <see cref="Stopwatch"/> timestamp.</summary>
internal readonly record struct Heard(long Id, string Ticket, string Window, long At);

/// <summary>
/// A screen in a hall: keeps its picture as API.md says, from a snapshot and the changes after it, watching again where one does not follow. Read from any thread.
/// </summary>
internal sealed class Screen : IAsyncDisposable
{
    // What a picture has that only time changes.
    private static readonly string[] OfTime = ["asOf", "sequence", "rating"];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, JsonElement> _picture = [];
    private readonly List<Heard> _announced = [];
    private readonly string _method;
    private readonly string[] _arguments;
    private HubSocket? _hub;
    private long _sequence = -1;

    private Screen(string hall, string? zone, string? window)
    {
        (Hall, Zone, Window) = (hall, zone, window);
        (_method, _arguments) = window is not null ? ("WatchWindow", [hall, window]) : zone is not null ? ("WatchZone", [hall, zone]) : ("WatchHall", new[] { hall });
    }

    public string Hall { get; }
    public string? Zone { get; }

    /// <summary>Null for a board.</summary>
    public string? Window { get; }

    public string Name => $"{(Window is not null ? "window/" : Zone is not null ? "zone/" : "hall/")}{string.Join('/', _arguments)}";

    /// <summary>Changes that did not follow on the picture.</summary>
    public int Gaps { get; private set; }

    /// <summary>Times that the sequence went back (I5).</summary>
    public int WentBack { get; private set; }

    public string? Ended => _hub?.Ended;

    public IReadOnlyList<Heard> Announced
    {
        get
        {
            lock (_gate) return [.. _announced];
        }
    }

    public static async Task<Screen> ShowAsync(Uri server, string? token, string hall, string? zone = null, string? window = null)
    {
        var screen = new Screen(hall, zone, window);
        screen._hub = await HubSocket.ConnectAsync(server, token, screen.Take);
        await screen._hub.SendAsync(screen._method, screen._arguments);
        return screen;
    }

    /// <summary>How many wait in a line, as the board has it; 0 before its first picture.</summary>
    public int Waiting(string line)
    {
        lock (_gate) return _picture.TryGetValue("lines/" + line, out var board) ? board.GetProperty("waiting").GetInt32() : 0;
    }

    /// <summary>What a pad's window may be rated for now; null where nothing is.</summary>
    public string? Nonce
    {
        get
        {
            lock (_gate) return _picture.TryGetValue("rating", out var rating) && rating.ValueKind == JsonValueKind.Object ? rating.GetProperty("nonce").GetString() : null;
        }
    }

    /// <summary>Where the picture is not the one that <c>GET board</c> gives; empty where it is.</summary>
    public IReadOnlyList<string> DifferencesTo(JsonElement board)
    {
        var expected = new Dictionary<string, JsonElement>();
        if (Window is not null)
        {
            foreach (var member in board.GetProperty("windows").EnumerateArray().Single(w => w.GetProperty("window").GetString() == Window).EnumerateObject()) expected[member.Name] = member.Value;
        }
        else
        {
            Flatten(board, expected);
        }
        lock (_gate)
        {
            return [.. expected.Keys.Union(_picture.Keys).Except(OfTime)
                .Where(key => !(expected.TryGetValue(key, out var there) && _picture.TryGetValue(key, out var shown) && JsonElement.DeepEquals(there, shown)))
                .Select(key => $"{key}: the board has {(expected.TryGetValue(key, out var there) ? there.ToString() : "nothing")}, the screen {(_picture.TryGetValue(key, out var shown) ? shown.ToString() : "nothing")}")];
        }
    }

    public ValueTask DisposeAsync() => _hub?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Take(string message, JsonElement arguments)
    {
        lock (_gate)
        {
            switch (message)
            {
                case "Snapshot":
                    var at = arguments[1].GetInt64();
                    if (at < _sequence) WentBack++;
                    _sequence = at;
                    _picture.Clear();
                    Flatten(arguments[2], _picture);
                    break;
                case "Change":
                    var (from, to) = (arguments[1].GetInt64(), arguments[2].GetInt64());
                    if (from != _sequence || to < from)
                    {
                        if (to < _sequence) WentBack++;
                        Gaps++;
                        _ = _hub!.SendAsync(_method, _arguments);
                        break;
                    }
                    _sequence = to;
                    foreach (var change in arguments[3].EnumerateObject())
                    {
                        // Gone lines and windows are null and leave; members that may be null stay as that.
                        if (change.Value.ValueKind == JsonValueKind.Null && change.Name.Contains('/', StringComparison.Ordinal)) _picture.Remove(change.Name);
                        else _picture[change.Name] = change.Value;
                    }
                    break;
                case "Announce":
                    var call = arguments[2];
                    _announced.Add(new(call.GetProperty("id").GetInt64(), call.GetProperty("ticket").GetString()!, call.GetProperty("window").GetString()!, Stopwatch.GetTimestamp()));
                    break;
            }
        }
    }

    private void Flatten(JsonElement state, Dictionary<string, JsonElement> into)
    {
        foreach (var member in state.EnumerateObject())
        {
            if (Window is null && (member.Name is "lines" or "windows") && member.Value.ValueKind == JsonValueKind.Array)
                foreach (var entry in member.Value.EnumerateArray()) into[$"{member.Name}/{entry.GetProperty(member.Name == "lines" ? "line" : "window").GetString()}"] = entry;
            else
                into[member.Name] = member.Value;
        }
    }
}
