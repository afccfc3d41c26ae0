using System.Text.Json;
using HallOps.Core.Metrics;

namespace HallOps.Core.Foresight.Simulation;

/// <summary>Results as SIMULATION.md writes them.</summary>
public static class DayJson
{
    private static readonly string[] Outcomes = ["served", "no_show", "abandoned", "unserved"];

    /// <param name="wrote">Called now and then, so that what a million records take can be passed on while it is written.</param>
    public static void Write(Utf8JsonWriter json, DayResult day, Action? wrote = null)
    {
        json.WriteStartObject();
        json.WriteStartArray("tickets");
        for (var i = 0; i < day.Tickets.Count; i++)
        {
            Write(json, day.Tickets[i]);
            if (i % 1024 == 0) wrote?.Invoke();
        }
        json.WriteEndArray();
        json.WriteStartArray("calls");
        for (var i = 0; i < day.Calls.Count; i++)
        {
            json.WriteStartArray();
            json.WriteNumberValue(day.Calls[i].At);
            json.WriteStringValue(day.Calls[i].Ticket);
            json.WriteStringValue(day.Calls[i].Window);
            json.WriteEndArray();
            if (i % 1024 == 0) wrote?.Invoke();
        }
        json.WriteEndArray();
        json.WritePropertyName("metrics");
        Write(json, day.Metrics);
        if (day.Moves is { } moves) Write(json, moves);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<MoveRecord> moves)
    {
        json.WriteStartArray("moves");
        foreach (var move in moves)
        {
            json.WriteStartArray();
            json.WriteNumberValue(move.At);
            json.WriteStringValue(move.Window);
            json.WriteStartArray();
            foreach (var skill in move.Skills) json.WriteStringValue(skill);
            json.WriteEndArray();
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<(Variant Variant, DayMetrics Metrics)> played)
    {
        json.WriteStartObject();
        json.WriteStartObject("variants");
        foreach (var (variant, metrics) in played)
        {
            json.WritePropertyName(variant.Id);
            Write(json, metrics);
        }
        json.WriteEndObject();
        var best = BestVariants.Of(played);
        json.WriteStartObject("best");
        json.WriteString("lowest_wait_sum", best.LowestWaitSum);
        json.WriteString("lowest_p90", best.LowestP90);
        json.WriteString("most_within_target", best.MostWithinTarget);
        json.WriteStartArray("rank_by_wait_sum");
        foreach (var id in best.RankByWaitSum) json.WriteStringValue(id);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, StageRecord record)
    {
        json.WriteStartObject();
        json.WriteString("ticket", record.Ticket);
        json.WriteNumber("stage", record.Stage);
        json.WriteString("service", record.Service);
        json.WriteString("window", record.Window);
        json.WriteNumber("joined", record.Joined);
        Write(json, "called_at", record.CalledAt);
        Write(json, "wait", record.Wait);
        Write(json, "started_at", record.StartedAt);
        Write(json, "ended_at", record.EndedAt);
        json.WriteString("outcome", Outcomes[(int)record.Outcome]);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DayMetrics metrics)
    {
        json.WriteStartObject();
        Write(json, "served", metrics.Served);
        json.WriteStartObject("by_service");
        foreach (var (service, waits) in metrics.ByService) Write(json, service, waits);
        json.WriteEndObject();
        json.WriteNumber("abandoned", metrics.Abandoned);
        json.WriteNumber("no_show", metrics.NoShow);
        json.WriteNumber("unserved", metrics.Unserved);
        json.WriteNumber("offered", metrics.Offered);
        json.WriteStartObject("service_level");
        Write(json, "answered_only", metrics.ServiceLevel.AnsweredOnly);
        Write(json, "of_offered", metrics.ServiceLevel.OfOffered);
        Write(json, "offered_less_short_abandons", metrics.ServiceLevel.OfferedLessShortAbandons);
        Write(json, "abandons_in_target_count_good", metrics.ServiceLevel.AbandonsInTargetCountGood);
        json.WriteEndObject();
        json.WriteNumber("queue_area", metrics.QueueArea);
        json.WriteNumber("queue_max", metrics.QueueMax);
        Write(json, "last_end", metrics.LastEnd);
        json.WriteStartObject("windows");
        foreach (var window in metrics.Windows)
        {
            json.WriteStartObject(window.Window);
            json.WriteNumber("busy_seconds", window.Busy);
            json.WriteNumber("served", window.Served);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        if (metrics.Moves is { } moves) json.WriteNumber("moves", moves);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, WaitSummary waits)
    {
        json.WriteStartObject(name);
        json.WriteNumber("n", waits.N);
        json.WriteNumber("wait_sum", waits.WaitSum);
        Write(json, "p50", waits.P50);
        Write(json, "p90", waits.P90);
        Write(json, "p95", waits.P95);
        Write(json, "max", waits.Max);
        json.WriteNumber("within_target", waits.WithinTarget);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Share share)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(share.Part);
        json.WriteNumberValue(share.Of);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }
}
