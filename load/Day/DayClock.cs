using System.Text.Json;

namespace HallOps.Load.Day;

/// <summary>The halls' clock as the server keeps it, so that visitors and clerks live in the halls' time.</summary>
internal sealed class DayClock(DateTimeOffset start, double speed, DateTimeOffset beganAt)
{
    public double Speed => speed;

    /// <summary>Reads from the server's folder when its clock began.</summary>
    public static DayClock Of(string data)
    {
        using var mark = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(data, "clock.json")));
        var root = mark.RootElement;
        return new(root.GetProperty("start").GetDateTimeOffset(), root.GetProperty("speed").GetDouble(), root.GetProperty("beganAt").GetDateTimeOffset());
    }

    public DateTimeOffset Now => start + (DateTimeOffset.UtcNow - beganAt) * speed;

    public Task UntilAsync(DateTimeOffset moment, CancellationToken cancel) => DelayAsync(moment - Now, cancel);

    public Task DelayAsync(TimeSpan inTheHall, CancellationToken cancel) => inTheHall > TimeSpan.Zero ? Task.Delay(inTheHall / speed, cancel) : Task.CompletedTask;
}
