using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Halls;

public sealed class HallDocumentFuzzTests
{
    private static readonly string[] Odd =
        ["null", "true", "-1", "1e999", "0.001", "99999999999999999999", "\"\"", "\"x\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[]]", "[null]", "{\"zh\":1}", "\"24:00\"", "\"2026-02-29\""];

    // HALLOPS_SEED repeats the run whose seed a failure printed.
    private static int Seed() => int.TryParse(Environment.GetEnvironmentVariable("HALLOPS_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : Random.Shared.Next();

    [Fact]
    public void Read_OfMutatedBytes_NeverThrows()
    {
        var seed = Seed();
        var random = new Random(seed);
        var samples = Directory.GetFiles(SampleFiles.Halls).Order(StringComparer.Ordinal).Select(f => HallDocument.Minify(File.ReadAllBytes(f))).ToList();
        for (var round = 0; round < 400; round++)
        {
            var bytes = samples[random.Next(samples.Count)].ToArray();
            for (var n = random.Next(1, 6); n > 0; n--)
                bytes = MutatedBytes(random, bytes);
            HoldsFor(bytes, seed, round);
        }
    }

    [Fact]
    public void Read_OfMutatedValues_NeverThrows()
    {
        var seed = Seed();
        var random = new Random(seed);
        var samples = Directory.GetFiles(SampleFiles.Halls).Order(StringComparer.Ordinal).Select(File.ReadAllText).ToList();
        for (var round = 0; round < 400; round++)
        {
            var document = JsonNode.Parse(samples[random.Next(samples.Count)])!;
            for (var n = random.Next(1, 4); n > 0; n--)
                MutateValue(random, document);
            HoldsFor(Encoding.UTF8.GetBytes(document.ToJsonString()), seed, round);
        }
    }

    private static void HoldsFor(byte[] bytes, int seed, int round)
    {
        try
        {
            var reading = HallDocument.Read(bytes);
            Assert.Equal(reading.Problems.Count > 0, reading.Settings is null);
            Assert.InRange(reading.Problems.Count, 0, 20);
            if (reading.Settings is not null)
                Assert.Equal(SettingsText.Of(reading.Settings), SettingsText.Of(HallDocument.Read(HallDocument.Minify(bytes)).Settings));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"HALLOPS_SEED={seed}, round {round}: {e.Message}", e);
        }
    }

    private static byte[] MutatedBytes(Random random, byte[] bytes)
    {
        // Nothing is left of it: something new.
        if (bytes.Length == 0) return Encoding.UTF8.GetBytes(Odd[random.Next(Odd.Length)]);
        var at = random.Next(bytes.Length);
        switch (random.Next(5))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 1:
                return bytes[..at];
            case 2:
                return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 40))..]];
            case 3:
                return [.. bytes[..at], .. Encoding.UTF8.GetBytes(Odd[random.Next(Odd.Length)]), .. bytes[at..]];
            default:
                // A span again: repeated fields, items and ids.
                var end = Math.Min(bytes.Length, at + random.Next(1, 400));
                return [.. bytes[..end], .. bytes[at..]];
        }
    }

    // Half a surrogate pair cannot be held by a node; the bytes' mutations have it.
    private static void MutateValue(Random random, JsonNode document)
    {
        var node = document;
        while (true)
        {
            var children = node switch
            {
                JsonObject o => o.Count,
                JsonArray a => a.Count,
                _ => 0,
            };
            if (children == 0)
                return;
            var pick = random.Next(children);
            var child = node is JsonObject fields ? fields.ElementAt(pick).Value : node[pick];
            if (child is not null && random.Next(3) > 0 && child is JsonObject or JsonArray)
            {
                node = child;
                continue;
            }
            var odd = Odd[random.Next(Odd.Length)];
            var value = odd.Contains("ud800", StringComparison.Ordinal) ? null : JsonNode.Parse(odd);
            if (node is JsonArray list)
                list[pick] = value;
            else if (random.Next(4) == 0)
                node.AsObject().Remove(node.AsObject().ElementAt(pick).Key);
            else
                node[node.AsObject().ElementAt(pick).Key] = value;
            return;
        }
    }
}
